import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../src/adapters/repositories/git/repository-port.ts';
import { explain } from '../../src/domain/refusals/explain.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';
import { adapterContext } from '../fakes/adapter-context.ts';
import { GitRemote } from '../fakes/git-remote.ts';
import { describeWith, freePort } from './program.ts';

const SSHD = '/usr/sbin/sshd';

describeWith('sshd', 'openssh-server')('a remote over ssh, with the real server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-ssh-'));
  const at = (name: string) => join(folder, name);
  const remote = new GitRemote();
  let server: ChildProcess;
  let port = 0;

  function keygen(name: string, passphrase = ''): void {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', at(name)]);
  }

  beforeAll(async () => {
    remote.push('main', 'feat: begin', { VERSION: '1.0.0\n' });
    for (const name of ['host', 'other-host', 'key', 'stranger']) keygen(name);
    keygen('locked', 'hunter2');
    copyFileSync(at('key'), at('open'));
    chmodSync(at('open'), 0o644);
    writeFileSync(at('authorized'), [readFileSync(at('key.pub')), readFileSync(at('locked.pub'))].join(''));
    port = await freePort();
    const host = (name: string) => `[127.0.0.1]:${port} ${readFileSync(at(`${name}.pub`), 'utf8')}`;
    writeFileSync(at('known'), host('host'));
    writeFileSync(at('known-otherwise'), host('other-host'));
    writeFileSync(at('known-none'), '');
    writeFileSync(
      at('sshd_config'),
      [
        `Port ${port}`,
        'ListenAddress 127.0.0.1',
        `HostKey ${at('host')}`,
        `AuthorizedKeysFile ${at('authorized')}`,
        'StrictModes no',
        'UsePAM no',
        'PidFile none',
        'PasswordAuthentication no',
        'PermitRootLogin prohibit-password',
      ].join('\n'),
    );
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true });
    server = spawn(SSHD, ['-D', '-e', '-f', at('sshd_config')], { stdio: 'ignore' });
    await listening(port);
  });

  afterAll(() => {
    server.kill();
    remote.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (key: string, known = 'known') =>
    openGitRepository(
      GitRepositorySettings.parse({
        use: 'git',
        url: `ssh://${userInfo().username}@127.0.0.1:${port}${remote.path}`,
        'ssh-key': at(key),
        'known-hosts': at(known),
        timeout: '20s',
      }),
      adapterContext({ dataDir: mkdtempSync(join(folder, 'data-')) }),
    );

  test('reads, and cuts a release', async () => {
    const repository = open('key');
    const base = remote.tip('main') ?? '';
    expect((await repository.refs()).branches).toEqual({ main: base });
    expect((await repository.read(base, ['VERSION']))[0]?.bytes.toString()).toBe('1.0.0\n');
    const { commit } = await repository.cutRelease(
      {
        base,
        branch: 'main',
        tag: 'v1.1.0',
        version: '1.1.0',
        message: 'chore(release): 1.1.0',
        tagMessage: 'v1.1.0',
        files: [{ path: 'VERSION', text: '1.1.0\n' }],
      },
      'p1',
    );
    expect(remote.tip('main')).toBe(commit);
  });

  test.each([
    ['a host nobody knows', 'key', 'known-none', 'repository-host-key', /does not know the host key/],
    ['a host with another key', 'key', 'known-otherwise', 'repository-host-key', /another host key than/],
    ['a key that others may read', 'open', 'known', 'repository-auth', /chmod 600/],
    ['a key that is not there', 'missing', 'known', 'repository-auth', /does not exist/],
    ['a key with a passphrase', 'locked', 'known', 'repository-auth', /has a passphrase/],
    ['the public half', 'key.pub', 'known', 'repository-auth', /public half|chmod 600/],
    ['a key that the host does not take', 'stranger', 'known', 'repository-auth', /Permission denied/],
  ])('%s is said in words', async (_name, key, known, code, words) => {
    const failure = await open(key, known)
      .refs()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Refusal);
    const { text, hint } = explain(failure as Refusal);
    expect((failure as Refusal).code).toBe(code);
    expect(`${text} ${hint}`).toMatch(words);
    expect(text).not.toMatch(/@@@/);
  });
});

async function listening(port: number): Promise<void> {
  for (let tried = 0; tried < 100; tried += 1) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => socket.destroy());
    });
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('sshd did not start');
}
