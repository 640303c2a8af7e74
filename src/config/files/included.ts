import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import picomatch from 'picomatch';
import { recordOf } from '../document.ts';
import type { ReadSource } from '../layers.ts';

/** Entries of `include` in a text, as far as they can be read; what is wrong with them is said where they are checked. */
export function includesIn(main: ReadSource): readonly string[] {
  const list = 'problems' in main ? undefined : recordOf(main.document.value)?.['include'];
  return Array.isArray(list) ? list.map((entry) => (typeof entry === 'string' ? entry : '')) : [];
}

/** The files that an entry of `include` leads to, sorted, relative to the folder; a name leads to that very file. */
export async function filesOf(dir: string, entry: string): Promise<readonly string[]> {
  const { base, isGlob, glob } = picomatch.scan(entry);
  const folder = isGlob ? base : join(entry, '..');
  const recursive = glob.includes('/') || glob.includes('**');
  const found = await readdir(join(dir, folder), { recursive, withFileTypes: true }).catch(() => []);
  const matches = picomatch(entry.replace(/^\.\//, ''));
  return found
    .filter((file) => !file.isDirectory())
    .map((file) => join(file.parentPath, file.name).slice(join(dir, '/').length))
    .filter((path) => (isGlob ? matches(path) : path === join(entry)))
    .sort();
}
