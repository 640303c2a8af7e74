import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Git } from '../../../../src/adapters/repositories/git/process.ts';
import { openRemote, RemoteSettings } from '../../../../src/adapters/repositories/git/remote.ts';
import { keyProblem } from '../../../../src/adapters/repositories/git/ssh-key.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-guard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sleeping = () =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1') === `sleep\0${NAP}\0`;
    } catch {
      return false;
    }
  }).length;
const NAP = `30.${process.pid}`;

test.skipIf(process.platform !== 'linux')(
  'a command that starts processes without end is stopped with all of them',
  async () => {
    const alias = `!for i in 1 2 3 4 5 6; do for j in 1 2 3 4 5 6; do sleep ${NAP} & done; done; wait`;
    const git = new Git(join(folder, 'x.git'), '/dev/null', [['alias.many', alias]]);
    const remote = openRemote(RemoteSettings.parse({ url: folder }), adapterContext({ configDir: folder }));
    const began = Date.now();
    await expect(git.run(['many'], { remote })).rejects.toMatchObject({
      code: 'repository-runaway',
      facts: { reason: 'git started more than 24 processes' },
    });
    expect(Date.now() - began).toBeLessThan(8_000);
    await expect.poll(sleeping, { timeout: 5_000 }).toBe(0);
  },
);

test.each([
  [
    'a passphrase, in PEM',
    '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n',
    0o600,
    /has a passphrase/,
  ],
  ['a passphrase, in PKCS 8', '-----BEGIN ENCRYPTED PRIVATE KEY-----\n', 0o600, /has a passphrase/],
  ['a passphrase, in the form of OpenSSH', openssh('aes256-ctr'), 0o600, /has a passphrase/],
  ['too many readers', openssh('none'), 0o640, /chmod 600/],
  ['the public half', 'ssh-ed25519 AAAA me', 0o600, /public half/],
  ['something else', 'hello', 0o600, /no private key/],
  ['half of a key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3A=\n', 0o600, null],
  ['a good key', openssh('none'), 0o600, null],
])('a key file with %s', (_name, text, mode, problem) => {
  const path = join(folder, 'key');
  writeFileSync(path, text, { mode });
  if (problem === null) expect(keyProblem(path)).toBeNull();
  else expect(keyProblem(path)).toMatch(problem);
});

test('a key file that is not there, or a folder', () => {
  expect(keyProblem(join(folder, 'none'))).toMatch(/does not exist/);
  expect(keyProblem(folder)).toMatch(/chmod|no key file/);
});

function openssh(cipher: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(cipher.length);
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, Buffer.from(`${cipher}\0\0\0\0`)]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
