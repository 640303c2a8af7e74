import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

/** Puts text into opaque tokens and takes it out again. */
export interface Seal {
  /**
   * The same text for the same purpose always gives the same token. A token is `1.` and base64url of 16 bytes
   * more than the text has in UTF-8.
   */
  close(text: string, purpose: string): string;
  /** Null for a token that was not made with this secret, for this workspace and this purpose. */
  open(token: string, purpose: string): string | null;
}

const PREFIX = '1.';
const IV_BYTES = 16;

/** Whether a text looks like a token at all, whoever made it. */
export function looksSealed(text: string): boolean {
  return text.startsWith(PREFIX);
}

/**
 * Deterministic authenticated encryption in the way of SIV (RFC 5297, with HMAC-SHA256 as the PRF): the first
 * 16 bytes of a MAC over workspace, purpose and text are both the IV of AES-256-CTR and the tag. Without the
 * secret nobody can read a token, make one, or use one for another purpose or in another workspace.
 */
export function sealOf(secret: Uint8Array, workspace: string): Seal {
  const macKey = derived(secret, 'mac');
  const cipherKey = derived(secret, 'cipher');
  const ivOf = (text: Uint8Array, purpose: string): Buffer =>
    createHmac('sha256', macKey)
      .update(JSON.stringify([workspace, purpose]))
      .update('\n')
      .update(text)
      .digest()
      .subarray(0, IV_BYTES);

  return {
    close(text, purpose) {
      const bytes = Buffer.from(text, 'utf8');
      const iv = ivOf(bytes, purpose);
      const cipher = createCipheriv('aes-256-ctr', cipherKey, iv);
      const sealed = Buffer.concat([iv, cipher.update(bytes), cipher.final()]);
      return PREFIX + sealed.toString('base64url');
    },
    open(token, purpose) {
      if (!looksSealed(token)) return null;
      const encoded = token.slice(PREFIX.length);
      const sealed = Buffer.from(encoded, 'base64url');
      // One token, one spelling: what decodes but is written otherwise was not made here.
      if (sealed.length < IV_BYTES || sealed.toString('base64url') !== encoded) return null;
      const iv = sealed.subarray(0, IV_BYTES);
      const decipher = createDecipheriv('aes-256-ctr', cipherKey, iv);
      const bytes = Buffer.concat([decipher.update(sealed.subarray(IV_BYTES)), decipher.final()]);
      return timingSafeEqual(iv, ivOf(bytes, purpose)) ? bytes.toString('utf8') : null;
    },
  };
}

function derived(secret: Uint8Array, use: string): Buffer {
  return createHmac('sha256', secret).update(`slipway button ${use}`).digest();
}
