import { createHash } from 'node:crypto';

/** A key as it is stored: keys come from outside and may be of any length and content. */
export function hashed(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
