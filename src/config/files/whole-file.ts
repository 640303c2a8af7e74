import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';

/** sha256, hex. */
export function textHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Writes JSON that only this account may read, whole or not at all; the folder has to be there. */
export function writeWhole(file: string, value: unknown): void {
  writtenBeside(file, value)();
}

/** The same in two steps: what is returned puts it into its place, and needs no more room on the disk. */
export function writtenBeside(file: string, value: unknown): () => void {
  writeFileSync(`${file}.new`, JSON.stringify(value), { mode: 0o600 });
  return () => renameSync(`${file}.new`, file);
}
