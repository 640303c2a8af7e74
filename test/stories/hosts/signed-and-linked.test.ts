import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { slowPushes } from '../pushes.ts';
import { type Stage, setStage } from '../stage.ts';

let keys: string;
let stage: Stage;

beforeEach(async () => {
  keys = mkdtempSync(join(tmpdir(), 'slipway-keys-'));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'key')]);
  stage = await setStage({
    overrides: { repository: { signing: { use: 'ssh', 'key-file': join(keys, 'key') } } },
  });
});
afterEach(async () => {
  await stage?.end();
  rmSync(keys, { recursive: true, force: true });
});

/** CHANGELOG.md becomes a link to a file elsewhere, and staging validates that. */
async function linkChangelog(): Promise<void> {
  const { remote } = stage;
  const text = (await remote.read('main', 'CHANGELOG.md')) ?? '';
  await remote.commit({ message: 'docs: move the changelog', files: { 'docs/history.md': text } });
  const data = (content: string) => `data ${Buffer.byteLength(content)}\n${content}\n`;
  const commit = [
    'commit refs/heads/main\ncommitter Cy Ortega <cy@shop.example> 1795000000 +0000\n',
    data('docs: link the changelog'),
    `from ${await remote.resolve('main')}\nM 120000 inline CHANGELOG.md\n${data('docs/history.md')}`,
  ].join('');
  execFileSync('git', ['--git-dir', remote.path, 'fast-import', '--quiet'], { input: commit });
  await remote.setState({
    stagingCommit: await remote.resolve('main'),
    stagingAt: new Date().toISOString(),
  });
}

// Told where everything runs, like other variants.
test.runIf(inject('sampling').whole)(
  'a signed release of a repository with a linked changelog, killed while it is pushed',
  async () => {
    await linkChangelog();
    await stage.asks();
    const { reached, off } = await slowPushes(stage, 'post-receive', 'refs/heads/main', 2);
    await stage.press('grace', 'approve');
    await reached();
    await stage.crash();
    await off();
    await stage.cardShows(/Shipped/);

    const allowed = join(keys, 'allowed');
    writeFileSync(allowed, `* ${readFileSync(join(keys, 'key.pub'), 'utf8')}`);
    const verified = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`];
    await stage.git(...verified, 'verify-tag', 'v1.3.0');
    await stage.git(...verified, 'verify-commit', 'v1.3.0^{commit}');
    expect(await stage.git('ls-tree', 'v1.3.0', 'CHANGELOG.md')).toMatch(/^120000 /);
    expect(await stage.git('show', 'v1.3.0:CHANGELOG.md')).toBe('docs/history.md');
    expect(await stage.git('show', 'v1.3.0:docs/history.md')).toMatch(/^## \[1\.3\.0\]/m);
    expect(await stage.git('show', 'main:specs/014-coupons/production-ship-report.md')).toMatch(/Signature/);
    await stage.expectNothingAmiss();
  },
);
