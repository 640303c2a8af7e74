import { readdir } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import picomatch from 'picomatch';
import { recordOf } from '../document.ts';
import type { ReadSource } from '../layers.ts';

/** Entries of `include` in a text, as far as they can be read; what is wrong with them is said where they are checked. */
export function includesIn(main: ReadSource): readonly string[] {
  const list = 'problems' in main ? undefined : recordOf(main.document.value)?.['include'];
  return Array.isArray(list) ? list.map((entry) => (typeof entry === 'string' ? entry : '')) : [];
}

/** Whether an entry of `include` leads out of the folder of the main file, by its words. */
export function leavesFolder(entry: string): boolean {
  return isAbsolute(entry) || /^\.\.(?:[/\\]|$)/.test(normalize(entry));
}

/**
 * The files that an entry of `include` leads to, sorted, relative to the folder; a name leads to that very file, and an entry that
 * leaves the folder to none. Symbolic links are followed wherever they lead: folders of Kubernetes consist of them, and whoever
 * may make one may write the files too.
 */
export async function filesOf(dir: string, entry: string): Promise<readonly string[]> {
  if (entry === '' || leavesFolder(entry)) return [];
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
