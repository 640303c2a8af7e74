import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../../shared/context.ts';
import { keyProblem, keyTextProblem } from '../ssh-key.ts';
import { passphraseProblem, withGpgKey } from './gpg.ts';
import type { PrivateKey, SigningKey } from './key.ts';
import { mustHaveProgram, packetsOf, removeLeftFolders } from './run.ts';
import type { SigningSettings } from './settings.ts';
import { withSshKey } from './ssh.ts';

/** Signs with the key of the config. */
export class Signer {
  readonly #kind: SigningSettings['use'];
  readonly #key: PrivateKey;
  #checked: Promise<string> | null = null;

  constructor(kind: SigningSettings['use'], key: PrivateKey) {
    this.#kind = kind;
    this.#key = key;
  }

  /** Signing and verifying both want files; they are there as long as the work takes. Refusal `signing-key`. */
  use<T>(work: (key: SigningKey) => Promise<T>): Promise<T> {
    return this.#kind === 'ssh' ? withSshKey(this.#key, work) : withGpgKey(this.#key, work);
  }

  /** Signs something, so that a key that cannot is found before anybody is asked. Answers with the name of the key. */
  check(): Promise<string> {
    this.#checked ??= this.use(async (key) => {
      await key.sign('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\nis this key good?\n');
      return key.name;
    }).catch((error) => {
      this.#checked = null;
      throw error;
    });
    return this.#checked;
  }
}

/** Refusals `secret-missing`, `signing-key` for what is no key that can be used, `signing-program-missing`. */
export function openSigner(settings: SigningSettings, context: AdapterContext): Signer {
  const { use } = settings;
  removeLeftFolders(Date.now());
  mustHaveProgram(use === 'ssh' ? 'ssh-keygen' : 'gpg');
  const key = privateKey(settings, context);
  const problem = use === 'ssh' ? keyTextProblem(key.text, key.source) : gpgProblem(key);
  if (problem !== null) throw new Refusal('signing-key', { key: key.source, reason: problem });
  return new Signer(use, key);
}

function privateKey({ use, key, 'key-file': file }: SigningSettings, context: AdapterContext): PrivateKey {
  if (key !== undefined) {
    const text = context.secret(key.env).replaceAll('\\n', '\n').replaceAll('\r\n', '\n').trim();
    return { text: `${text}\n`, source: key.env };
  }
  const source = resolve(context.configDir, file ?? '');
  const problem = keyProblem(source, use === 'ssh' ? keyTextProblem : () => null);
  if (problem !== null) throw new Refusal('signing-key', { key: source, reason: problem });
  return { text: readFileSync(source, 'utf8'), source };
}

function gpgProblem({ text, source }: PrivateKey): string | null {
  if (text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')) {
    return /(?:iter\+salt|simple|salted) S2K/i.test(packetsOf(text)) ? passphraseProblem(source) : null;
  }
  return text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')
    ? `${source} is the public half; export the private one with gpg --armor --export-secret-keys`
    : `${source} is no private key; export it with gpg --armor --export-secret-keys`;
}
