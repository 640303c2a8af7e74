import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import type { LastSigned } from './last-signed.ts';

/** Signs entries of the audit with Ed25519. The private key is never in the database. */
export interface AuditSigner {
  /** The public half: base64url of its 32 bytes. */
  readonly publicKey: string;
  /** base64url */
  sign(text: string): string;
  /** Whether it signed exactly this text; what it signed or found true once it does not compute again. */
  hasSigned(text: string, signature: string): boolean;
  /** What was signed last, outside of the database; absent where that is nobody's business. */
  readonly lastSigned?: LastSigned;
}

const MOST_REMEMBERED = 10_000;

/** A new private key, as PEM (PKCS #8). */
export function newKey(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/**
 * Reads a private key: PEM (PKCS #8; line breaks may be written as `\n`) or the base64 of its DER. Null when it is no
 * Ed25519 key.
 */
export function signerOf(text: string): AuditSigner | null {
  const key = readKey(text.trim().replaceAll('\\n', '\n'));
  if (key?.asymmetricKeyType !== 'ed25519') return null;
  const publicKey = createPublicKey(key).export({ format: 'jwk' }).x;
  if (publicKey === undefined) return null;
  const known = new Set<string>();
  const remember = (both: string) => {
    if (known.size >= MOST_REMEMBERED) known.clear();
    known.add(both);
  };
  return {
    publicKey,
    sign: (signed) => {
      const signature = signBytes(null, Buffer.from(signed), key).toString('base64url');
      remember(`${signature}\n${signed}`);
      return signature;
    },
    hasSigned: (signed, signature) => {
      const both = `${signature}\n${signed}`;
      if (known.has(both)) return true;
      if (!isSignedBy(publicKey, signed, signature)) return false;
      remember(both);
      return true;
    },
  };
}

function readKey(text: string): KeyObject | null {
  try {
    return text.startsWith('-----')
      ? createPrivateKey(text)
      : createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
}

/** Whether the owner of the private half signed exactly this text. False for what is no key or no signature. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
    return verifyBytes(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}
