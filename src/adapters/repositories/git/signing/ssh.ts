import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { saidBy } from '../failure.ts';
import type { PrivateKey, SigningKey } from './key.ts';
import { runSigning, withPrivateFolder } from './run.ts';

/** Sources: PROTOCOL.sshsig of OpenSSH, and gitformat-signature: the namespace is `git`. */
export function withSshKey<T>(
  { text, source }: PrivateKey,
  work: (key: SigningKey) => Promise<T>,
): Promise<T> {
  return withPrivateFolder(async (home) => {
    const file = join(home, 'key');
    await writeFile(file, text.endsWith('\n') ? text : `${text}\n`, { mode: 0o600 });
    const failed = (stderr: string) =>
      new Refusal('signing-key', { key: source, reason: saidBy(stderr).replaceAll(file, source) });
    const shown = await runSigning('ssh-keygen', ['-y', '-P', '', '-f', file], { home });
    if (shown.code !== 0) throw failed(shown.stderr);
    const [type = '', blob = ''] = shown.stdout.trim().split(/\s+/);
    const allowed = join(home, 'allowed');
    await writeFile(allowed, `* namespaces="git" ${type} ${blob}\n`);
    return work({
      name: `SSH key SHA256:${fingerprint(blob)}`,
      sign: async (payload) => {
        const args = ['-q', '-Y', 'sign', '-n', 'git', '-f', file];
        const signed = await runSigning('ssh-keygen', args, { input: payload, home });
        if (signed.code !== 0 || !signed.stdout.startsWith('-----BEGIN SSH SIGNATURE'))
          throw failed(signed.stderr);
        return signed.stdout;
      },
      config: [
        ['gpg.format', 'ssh'],
        ['gpg.ssh.allowedSignersFile', allowed],
      ],
      environment: {},
    });
  });
}

/** As ssh-keygen shows it. */
function fingerprint(blob: string): string {
  return createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '');
}
