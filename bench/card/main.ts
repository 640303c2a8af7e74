import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { controls, textOf } from '../../demo/workspace/server/control/reading.ts';
import { startWorld, type World } from '../../demo/world.ts';

// How long from `/ship-prod shop` to a card in Slack on which every gate is decided, and how much of that is not
// the slowest gate's own time: Slack's acknowledgement, the database, git, the outbox and two calls to Slack.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '15' } } });
const GOAL_MS = 300;
const PATIENCE_MS = 30_000;
/** A round makes four messages, and the bot keeps to Slack's one a second per channel: so the channel is quiet. */
const QUIET_MS = 4_500;

interface Round {
  readonly totalMs: number;
  readonly slowestGateMs: number;
}

async function round(world: World): Promise<Round> {
  const { workspace } = world;
  const seen = new Set(workspace.messages('#ship').map(({ ts }) => ts));
  const before = performance.now();
  const typed = workspace.as('ada').command('/ship-prod shop');
  const card = await workspace.waitForMessage(
    (message) =>
      !seen.has(message.ts) && controls(message).some(({ actionId }) => actionId.startsWith('approve')),
    PATIENCE_MS,
  );
  const totalMs = performance.now() - before;
  await typed;

  await workspace.as('ada').click(card, 'details');
  const details = await workspace.waitForView('ada', undefined, PATIENCE_MS);
  await workspace.as('ada').close(details);
  const took = [...textOf(details).matchAll(/\((\d+) ms\)/g)].map(([, ms]) => Number(ms));
  await workspace.as('ada').click(card, 'cancel');
  await workspace.waitForMessage(
    (message) => message.ts === card.ts && /Cancelled/.test(textOf(message)),
    PATIENCE_MS,
  );
  return { totalMs, slowestGateMs: Math.max(...took) };
}

const dir = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
chmodSync(dir, 0o711);
const rounds: Round[] = [];
const world = await startWorld({ dir });
try {
  // The first one fetches the repository.
  await round(world);
  for (let number = 1; number <= Number(values.rounds); number++) {
    process.stderr.write(`\rround ${number}`);
    await sleep(QUIET_MS);
    rounds.push(await round(world));
  }
} finally {
  await world.close();
  rmSync(dir, { recursive: true, force: true });
}
process.stderr.write('\r          \r');

const row = (name: string, of: (one: Round) => number, goal?: number) => {
  const sorted = rounds.map(of).sort((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)} ms`;
  return `| ${name} | ${at(0.5)} | ${at(0.95)} | ${goal === undefined ? '' : `≤ ${goal} ms`} |`;
};
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${rounds.length} promotions.

| | median | p95 | goal |
|---|---:|---:|---:|
${[
  row('command to a card with all gates decided', (one) => one.totalMs),
  row('slowest gate', (one) => one.slowestGateMs),
  row('what is left', (one) => one.totalMs - one.slowestGateMs, GOAL_MS),
].join('\n')}`);
