import type { Sha } from '../../../domain/release/release.ts';

/** A commit as people read it. */
export function short(sha: Sha): string {
  return sha.slice(0, 8);
}

/** A word for a POSIX shell. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
