import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../../../src/adapters/repositories/git/repository-port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';

type Kind = 'ssh' | 'gpg';

let keys: string;
const path = process.env['PATH'];

beforeAll(() => {
  keys = mkdtempSync(join(tmpdir(), 'sk-'));
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(keys, 'ssh')]);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', 'secret', '-f', join(keys, 'ssh-locked')]);
  for (const [name, passphrase] of [
    ['gpg', ''],
    ['gpg-locked', 'secret'],
  ] as const) {
    const asked = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', passphrase];
    const made = [...asked, '--quick-gen-key', `${name} <slipway@shop.test>`, 'ed25519', 'sign', 'never'];
    gpg(...made);
    writeFileSync(join(keys, name), gpg(...asked, '--armor', '--export-secret-keys', name), { mode: 0o600 });
    writeFileSync(join(keys, `${name}.pub`), gpg('--armor', '--export', name));
  }
}, 30_000);
afterAll(() => {
  execFileSync('gpgconf', ['--kill', 'all'], { env: { PATH: path, GNUPGHOME: keys } });
  rmSync(keys, { recursive: true, force: true, maxRetries: 3 });
});

function gpg(...args: string[]): string {
  const env = { PATH: path, GNUPGHOME: keys, LC_ALL: 'C' };
  return execFileSync('gpg', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('signing', () => {
  let remote: GitRemote;
  let dataDirs: string[] = [];

  beforeEach(() => {
    remote = new GitRemote();
  });
  afterEach(() => {
    process.env['PATH'] = path;
    for (const folder of dataDirs) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    dataDirs = [];
    remote.remove();
  });

  function open(signing: object, env: Readonly<Record<string, string>> = {}) {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    dataDirs.push(dataDir);
    const settings = GitRepositorySettings.parse({ use: 'git', url: remote.path, signing });
    return openGitRepository(settings, adapterContext({ dataDir, configDir: keys, env }));
  }

  /** With nothing of Slipway: what anybody who knows the public key sees. */
  function verified(kind: Kind, command: 'verify-commit' | 'verify-tag', name: string): string {
    const allowed = join(keys, 'allowed');
    writeFileSync(allowed, `* ${readFileSync(join(keys, 'ssh.pub'), 'utf8')}`);
    const args = ['-c', `gpg.ssh.allowedSignersFile=${allowed}`, '--git-dir', remote.path, command, name];
    const env = { PATH: path, GNUPGHOME: keys, LC_ALL: 'C', HOME: keys };
    return execFileSync('sh', ['-c', `git "$@" 2>&1`, kind, ...args], { env, encoding: 'utf8' });
  }
  const good: Record<Kind, RegExp> = {
    ssh: /Good "git" signature .*ED25519 key SHA256:/,
    gpg: /Good signature from "gpg <slipway@shop.test>"/,
  };
  const cut = (base: string) => ({
    base,
    branch: 'main',
    version: '1.1.0',
    tag: 'v1.1.0',
    message: 'chore(release): v1.1.0\n\nünï çødé',
    tagMessage: 'Release v1.1.0\n\n- Coupons – ø',
    files: [{ path: 'VERSION', text: '1.1.0\n' }],
  });

  test.each<Kind>(['ssh', 'gpg'])(
    'commit, tag and records are signed with a key of %s, and the same key finds them',
    async (kind) => {
      const base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
      const text = readFileSync(join(keys, kind), 'utf8');
      const repository = open({ use: kind, key: { env: 'KEY' } }, { KEY: text.replaceAll('\n', '\\n') });
      expect(await repository.writable('main')).toMatch(
        /^Commits and tags are signed with the (SSH|GPG) key /,
      );
      remote.loseNextAnswer();
      const made = await repository.cutRelease(cut(base), 'p1');
      expect(made.signature).toMatch(/^commit and tag are signed with the (SSH|GPG) key \S+, verified$/);
      expect(verified(kind, 'verify-commit', 'main')).toMatch(good[kind]);
      expect(verified(kind, 'verify-tag', 'v1.1.0')).toMatch(good[kind]);
      expect(remote.git('log', '-1', '--format=%B', 'main')).toContain('Slipway-Promotion: p1');
      expect(remote.git('cat-file', 'tag', 'v1.1.0')).toContain('- Coupons – ø\n-----BEGIN');

      const another = open({ use: kind, 'key-file': kind });
      expect(await another.cutRelease(cut(base), 'p1')).toEqual(made);
      expect(remote.count('main')).toBe(2);

      const edits = [{ path: 'report.md', edit: () => 'shipped\n' }];
      await another.commitFiles({ branch: 'main', message: 'docs: report', edits }, 'k1');
      expect(verified(kind, 'verify-commit', 'main')).toMatch(good[kind]);
      await repository.commitFiles({ branch: 'main', message: 'docs: report', edits }, 'k1');
      expect(remote.count('main')).toBe(3);
      expect(remote.fsck()).toBe('');
    },
  );

  test('a release that was made before anybody signed is told as it is', async () => {
    const base = remote.push('main', 'chore: start', { VERSION: '1.0.0\n' });
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
    dataDirs.push(dataDir);
    const settings = GitRepositorySettings.parse({ use: 'git', url: remote.path });
    await openGitRepository(settings, adapterContext({ dataDir })).cutRelease(cut(base), 'p1');
    const { signature } = await open({ use: 'ssh', 'key-file': 'ssh' }).cutRelease(cut(base), 'p1');
    expect(signature).toMatch(/^not as wanted: the commit has no good signature.*the tag has no good sig/);
  });

  async function refusal(work: () => unknown): Promise<string> {
    try {
      await work();
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      return explain(error as Refusal).text;
    }
    throw new Error('it was not refused');
  }

  test.each<[string, object, RegExp]>([
    ['a file that is missing', { use: 'ssh', 'key-file': 'none' }, /none does not exist/],
    ['a variable that is missing', { use: 'ssh', key: { env: 'NONE' } }, /NONE/],
    ['the public half', { use: 'ssh', 'key-file': 'ssh.pub' }, /public half|others on this machine/],
    ['the public half for gpg', { use: 'gpg', key: { env: 'PUBLIC' } }, /public half/],
    ['a key of the other kind', { use: 'gpg', 'key-file': 'ssh' }, /no private key/],
    [
      'a key of gpg with a passphrase',
      { use: 'gpg', 'key-file': 'gpg-locked' },
      /gpg-locked has a passphrase/,
    ],
    ['a key with a passphrase', { use: 'ssh', 'key-file': 'ssh-locked' }, /has a passphrase/],
    ['a file that others may read', { use: 'ssh', 'key-file': 'open' }, /chmod 600/],
  ])('%s is refused when Slipway starts', async (_, signing, sentence) => {
    writeFileSync(join(keys, 'open'), readFileSync(join(keys, 'ssh')));
    chmodSync(join(keys, 'open'), 0o644);
    const env = { PUBLIC: readFileSync(join(keys, 'gpg.pub'), 'utf8') };
    expect(await refusal(() => open(signing, env))).toMatch(sentence);
  });

  test('what a killed process left of a key is taken away', () => {
    const left = mkdtempSync(join(tmpdir(), 'slipway-sign-'));
    const young = mkdtempSync(join(tmpdir(), 'slipway-sign-'));
    writeFileSync(join(left, 'key'), 'secret');
    utimesSync(left, 0, 0);
    open({ use: 'ssh', 'key-file': 'ssh' });
    expect([existsSync(left), existsSync(young)]).toEqual([false, true]);
    rmSync(young, { recursive: true });
  });

  test('a broken key is refused before anybody is asked', async () => {
    remote.push('main', 'chore: start');
    const text = '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nnonsense\n-----END PGP PRIVATE KEY BLOCK-----\n';
    const repository = open({ use: 'gpg', key: { env: 'KEY' } }, { KEY: text });
    expect(await refusal(() => repository.writable('main'))).toMatch(/cannot sign with the key of KEY/);
  });

  test.each([
    ['ssh', 'ssh-keygen'],
    ['gpg', 'gpg'],
  ])('%s: a machine without %s is told so when Slipway starts', async (use, program) => {
    process.env['PATH'] = '/nowhere';
    expect(await refusal(() => open({ use, 'key-file': use }))).toContain(
      `the program ${program} was not found`,
    );
  });
});
