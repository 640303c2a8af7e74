import { Unavailable } from './refusal.ts';

const FULL =
  /\b(?:ENOSPC|EDQUOT)\b|no space left on device|disk quota exceeded|out of disk ?space|not enough space on the disk/i;
const READ_ONLY = /\bEROFS\b|read-only file system/i;

/**
 * What a program or the system said, when it says that nothing can be kept on this machine now: the disk is full, or may
 * not be written to. It is waited for, as somebody makes room. Null for any other text.
 */
export function diskTrouble(said: string): Unavailable | null {
  if (FULL.test(said)) return new Unavailable('the data folder', 'the disk is full; make room');
  if (READ_ONLY.test(said)) {
    return new Unavailable('the data folder', 'it cannot be written to; mount it for writing');
  }
  return null;
}
