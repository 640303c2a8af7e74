import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A file that is to be written, by its absolute path. */
export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Those that are there already and say something else. */
export function inTheWay(files: readonly NewFile[]): readonly NewFile[] {
  return files.filter(({ path, text }) => {
    const now = textOf(path);
    return now !== null && now !== text;
  });
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Where a file lies that may be a link; the path itself where there is none yet. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/**
 * Writes all files or none, where links lead to: each beside its place first, and nothing gives way to a signal in
 * between. Throws what the file system says, with nothing left behind.
 */
export function writeFiles(given: readonly NewFile[]): void {
  const files = given.map(({ path, text }) => ({ path: placeOf(path), text }));
  const made: string[] = [];
  // A signal with a listener waits until this is done.
  const hold = () => undefined;
  for (const signal of SIGNALS) process.on(signal, hold);
  try {
    for (const { path, text } of files) {
      mkdirSync(dirname(path), { recursive: true });
      const beside = `${path}.new-${process.pid}`;
      made.push(beside);
      writeFileSync(beside, text, { flag: 'wx' });
    }
    for (const { path } of files) renameSync(`${path}.new-${process.pid}`, path);
  } finally {
    for (const beside of made) rmSync(beside, { force: true });
    for (const signal of SIGNALS) process.off(signal, hold);
  }
}
