import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The text of a file of the repository; empty when there is none, or when it is too long to be a setting. */
export type Texts = (path: string) => Promise<string>;

const MOST_BYTES = 1_000_000;

export function textsOf(folder: string): Texts {
  return async (path) => {
    try {
      const file = join(folder, path);
      const { size } = await stat(file);
      return size > MOST_BYTES ? '' : await readFile(file, 'utf8');
    } catch {
      return '';
    }
  };
}
