import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommitCollector } from '../../src/domain/release/commits.ts';
import { compareBumps } from '../../src/domain/release/version.ts';
import { HISTORIES, type History } from './histories.ts';
import { openPeers, type Peer, type Told } from './peers.ts';

// Which step the same histories ask for, by Slipway and by its peers; no release at all counts as the smallest step. `--peers DIR` keeps what is installed. Exits 1 when
// a peer is right where Slipway is not.
const { values } = parseArgs({ options: { peers: { type: 'string' } } });
const scratch = mkdtempSync(join(tmpdir(), 'slipway-bench-'));

/** Newest first; the first one has the hash that reverts name. */
function told({ messages }: History): readonly Told[] {
  const letters = [...'abdef'];
  return messages.map((message, at) => ({ sha: (letters[at] ?? '0').repeat(40), message })).reverse();
}

const slipway: Peer = {
  name: 'Slipway',
  decide: (commits) => {
    const collector = new CommitCollector();
    for (const { sha, message } of commits) {
      collector.add({ sha, message, authorName: 'Dev', authorEmail: 'dev@shop.test', at: 0 }, false);
    }
    const [first] = [...collector.summary().reasons].sort((a, b) => compareBumps(b.bump, a.bump));
    return first?.bump ?? null;
  },
};

try {
  const all = [slipway, ...(await openPeers(values.peers ?? join(scratch, 'peers')))];
  const rows = HISTORIES.map((history) => ({
    history,
    answers: all.map((peer) => peer.decide(told(history)) ?? 'patch'),
  }));
  const right = all.map(
    (_, at) => rows.filter(({ history, answers }) => answers[at] === history.right).length,
  );
  const differing = rows.filter(({ history, answers }) => answers.some((answer) => answer !== history.right));
  const head = `| | ${all.map(({ name }) => name).join(' | ')} | |\n|---|${all.map(() => '---|').join('')}---|`;
  console.log(`${HISTORIES.length} histories.\n\n${head}`);
  console.log(`| right | ${right.map((count) => `**${count}**`).join(' | ')} | |`);
  for (const { history, answers } of differing) {
    const cells = answers.map((answer) => (answer === history.right ? answer : `_${answer}_`));
    console.log(`| \`${history.name}\` | ${cells.join(' | ')} | ${history.why ?? ''} |`);
  }
  const lost = rows.filter(
    ({ history, answers: [own, ...others] }) => own !== history.right && others.includes(history.right),
  );
  if (lost.length > 0) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
