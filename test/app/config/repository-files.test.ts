import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SharedInstances } from '../../../src/adapters/shared/shared-instances.ts';
import { inForce, writeInForce } from '../../../src/app/config/in-force.ts';
import { loadAtStart, loadWhole, type WholeConfig } from '../../../src/app/config/repository-files.ts';
import { MOST_BYTES } from '../../../src/config/repository-file.ts';
import { GitRemote } from '../../fakes/git-remote.ts';

let dir: string;
let remotes: readonly [GitRemote, GitRemote];
const file = () => join(dir, 'slipway.yaml');
const around = () => ({ env: {}, log: pino({ level: 'silent' }), shared: new SharedInstances() });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-files-'));
  remotes = [new GitRemote(), new GitRemote()];
  for (const remote of remotes) remote.push('main', 'feat: begin', { 'README.md': '# Shop\n' });
});
afterEach(() => {
  for (const folder of [dir, ...remotes.map((remote) => remote.folder)])
    rmSync(folder, { recursive: true, force: true });
});

/** The central file, with the service in that repository. */
function configure({ remote = remotes[0], branch = 'main', from = 'slipway.yaml' } = {}): void {
  writeFileSync(
    file(),
    `slack: { channel: "#ship" }
data: data
services:
  shop:
    from: { file: ${from} }
    repository: { use: git, url: "${remote.path}", branch: ${branch} }
    target: { use: git-branch, branch: production }
`,
  );
}
const changelogOf = ({ config }: WholeConfig) => config.services.get('shop')?.service.changelog;
const troubleOf = (whole: WholeConfig) => JSON.stringify(whole.troubles.get('shop') ?? null);
/** As a bot leaves it behind. */
async function started(): Promise<WholeConfig> {
  const whole = await loadAtStart(file(), around());
  writeInForce(whole.config, inForce(whole))();
  return whole;
}

describe('a file that is moved to another place', () => {
  const CHANGELOG = { 'slipway.yaml': 'version: { changelog: OLD.md }\n' };

  test.each([
    ['repository', () => configure({ remote: remotes[1] })],
    ['branch', () => configure({ branch: 'next' })],
    ['path', () => configure({ from: 'deploy/slipway.yaml' })],
  ])('by the central files: what the one before said is not kept (another %s)', async (_what, move) => {
    remotes[0].push('main', 'feat: say how', CHANGELOG);
    remotes[0].git('branch', 'next', 'main~1');
    configure();
    const before = await started();
    expect(changelogOf(before)).toBe('OLD.md');
    move();
    for (const which of ['all', 'new']) {
      const wanted = (_service: string, isKnown: boolean) => which === 'all' || !isKnown;
      const next = await loadWhole(file(), around(), before, wanted);
      expect(next.config.services.has('shop')).toBe(false);
      expect([next.files.size, troubleOf(next)]).toEqual([0, expect.stringContaining('missing')]);
    }
    const restarted = await started();
    expect(restarted.config.services.has('shop')).toBe(false);
    // And what was kept before is forgotten.
    configure();
    remotes[0].push('main', 'chore: nothing to say', { 'slipway.yaml': null });
    expect((await started()).config.services.has('shop')).toBe(false);
  });

  test('is kept over a restart and a reload where it only cannot be read', async () => {
    remotes[0].push('main', 'feat: say how', CHANGELOG);
    configure();
    const before = await started();
    remotes[0].push('main', 'chore: take it away', { 'slipway.yaml': null });
    const next = await loadWhole(file(), around(), before, () => true);
    expect([changelogOf(next), troubleOf(next)]).toEqual(['OLD.md', expect.stringContaining('missing')]);
    expect(changelogOf(await started())).toBe('OLD.md');
  });
});

describe('the size of a file', () => {
  const freeze = 'freeze: [{ name: sale, zone: Europe/Berlin, daily: { from: "08:00", to: "20:00" } }]\n';

  test.each([
    ['one byte too many in all', `# ${'x'.repeat(MOST_BYTES - freeze.length - 2)}\n${freeze}`],
    ['characters of two bytes', `# ${'ä'.repeat(8_170)}\n${freeze}`],
    ['one character of two bytes', `# ä${'x'.repeat(MOST_BYTES - freeze.length - 4)}\n${freeze}`],
  ])('counts in bytes, so that nothing is cut off: %s', async (_what, text) => {
    expect(Buffer.byteLength(text)).toBeGreaterThan(MOST_BYTES);
    remotes[0].push('main', 'feat: say how', { 'slipway.yaml': text });
    configure();
    const whole = await loadAtStart(file(), around());
    expect(troubleOf(whole)).toContain(`this file has more than ${MOST_BYTES} bytes`);
    expect(whole.config.services.has('shop')).toBe(false);
  });

  test('may be just that many', async () => {
    const text = `# ä${'x'.repeat(MOST_BYTES - freeze.length - 5)}\n${freeze}`;
    expect(Buffer.byteLength(text)).toBe(MOST_BYTES);
    remotes[0].push('main', 'feat: say how', { 'slipway.yaml': text });
    configure();
    const { config } = await loadAtStart(file(), around());
    expect(config.services.get('shop')?.service.policy.freeze.length).toBeGreaterThan(0);
  });

  test('and what is no text is refused, not guessed', async () => {
    remotes[0].push('main', 'feat: say how', { 'slipway.yaml': Buffer.from('links: {} # \xe4\n', 'latin1') });
    configure();
    expect(troubleOf(await loadAtStart(file(), around()))).toContain('this file is not UTF-8 text');
  });
});
