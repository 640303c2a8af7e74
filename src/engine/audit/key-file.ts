import { existsSync, linkSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { keptSecret } from '../../domain/text/redaction.ts';
import { putFile } from '../database/put-file.ts';
import { type AuditSigner, newKey, signerOf } from './signer.ts';

export function ownKeyFile(dataDir: string): string {
  return join(dataDir, 'audit', 'key.pem');
}

/** The key in a text that was given as a secret; `place` is what messages call it. Refusal `audit-key-invalid`. */
export function keyIn(text: string, place: string): AuditSigner {
  const signer = signerOf(keptSecret(text.trim()));
  if (signer === null) throw new Refusal('audit-key-invalid', { place });
  return signer;
}

/** Refusals `audit-key-missing`, `audit-key-invalid`. */
export function readKeyFile(path: string): AuditSigner {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refusal('audit-key-missing', {
      file: path,
      reason: (error as NodeJS.ErrnoException).code ?? '',
    });
  }
  return keyIn(text, path);
}

/** The key of this data folder, made when there is none: one key, however many processes start. */
export function ownKey(dataDir: string): AuditSigner {
  const path = ownKeyFile(dataDir);
  if (!existsSync(path)) writeKeyFile(path, newKey());
  return readKeyFile(path);
}

/** Writes a key that only this account may read, unless there is a file. It is never seen half written. */
export function writeKeyFile(path: string, pem: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  putFile(path, pem, linkSync);
}

/** Puts a new key in the place of the one that was; that one stays beside it, with `.old` behind its name. */
export function replaceKeyFile(path: string, next: string): void {
  if (existsSync(path)) renameSync(path, `${path}.old`);
  renameSync(next, path);
}
