import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { saidBy } from '../failure.ts';
import type { PrivateKey, SigningKey } from './key.ts';
import { runSigning, withPrivateFolder } from './run.ts';

const NO_QUESTIONS = ['--batch', '--no-tty', '--pinentry-mode', 'loopback', '--passphrase', ''];

/** In a key ring of its own, with an agent of its own that ends with the work. */
export function withGpgKey<T>(
  { text, source }: PrivateKey,
  work: (key: SigningKey) => Promise<T>,
): Promise<T> {
  return withPrivateFolder(async (home) => {
    const gpg = (args: readonly string[], input = '') =>
      runSigning('gpg', [...NO_QUESTIONS, ...args], { home, input });
    const failed = (stderr: string) =>
      new Refusal('signing-key', { key: source, reason: reasonOf(stderr, source) });
    try {
      const imported = await gpg(['--import'], text);
      const listed = await gpg(['--with-colons', '--list-secret-keys']);
      const print = /^fpr:+([0-9A-F]{40,64}):/m.exec(listed.stdout)?.[1];
      if (print === undefined) throw failed(imported.stderr);
      return await work({
        name: `GPG key ${print.slice(-16)}`,
        sign: async (payload) => {
          const signed = await gpg(['--local-user', print, '--armor', '--detach-sign'], payload);
          if (signed.code !== 0 || !signed.stdout.startsWith('-----BEGIN PGP SIGNATURE'))
            throw failed(signed.stderr);
          return signed.stdout;
        },
        config: [
          ['gpg.format', 'openpgp'],
          ['gpg.program', 'gpg'],
        ],
        environment: { GNUPGHOME: home },
      });
    } finally {
      await runSigning('gpgconf', ['--kill', 'all'], { home }).catch(() => undefined);
    }
  });
}

export function passphraseProblem(source: string): string {
  return `the key in ${source} has a passphrase, and there is nobody to type it; use a key without one`;
}

function reasonOf(stderr: string, source: string): string {
  if (/passphrase|can't query|inappropriate ioctl/i.test(stderr)) {
    return passphraseProblem(source);
  }
  if (/unusable (?:secret|public) key|expired/i.test(stderr)) {
    return `the key in ${source} cannot sign: it has expired, was revoked, or has no part for signing`;
  }
  return saidBy(stderr.replace(/^gpg: /gm, '')) || 'gpg does not take it';
}
