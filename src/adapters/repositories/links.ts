import { Refusal } from '../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';

/** What a path of a commit names: `100644`, `100755`, `120000` (link), `40000` (folder), `160000` (submodule). */
interface Entry {
  readonly mode: string;
}

/** The tree of a commit, in which links can be followed. */
export interface LinkedTree<E extends Entry> {
  entry(path: string): Promise<E | null>;
  /** What a link points at; null when that is not known yet. */
  target(link: E): Promise<string | null>;
}

/** Where a path leads once all links are followed. */
export interface LinkedPlace<E> {
  readonly path: string;
  /** Null for what is not there. */
  readonly entry: E | null;
}

/** So many links may follow each other, as on Linux. */
const MOST_LINKS = 40;

export const isLink = ({ mode }: Entry): boolean => mode === '120000';
export const isPlainFile = ({ mode }: Entry): boolean => mode.startsWith('100');
export const isFolder = ({ mode }: Entry): boolean => mode === '40000' || mode === '040000';
const isSubmodule = ({ mode }: Entry): boolean => mode === '160000';

/**
 * Follows the links of a path, those of its folders too, as long as they stay in the repository. What is not there has
 * the path that it would get.
 *
 * @throws Refusal `link-not-followed` for links that lead nowhere, in a circle or out of the repository, `not-a-file`
 * for what lies in a submodule
 */
export async function follow<E extends Entry>(path: string, tree: LinkedTree<E>): Promise<LinkedPlace<E>> {
  const done: string[] = [];
  let rest = path.split('/');
  if (rest.some((part) => part === '' || part === '.' || part === '..')) return { path, entry: null };
  let followed = 0;
  // How many of the rest come from a link: those must be there.
  let linked = 0;
  let last = { link: '', to: '' };
  const refused = (reason: string) => new Refusal('link-not-followed', { path, ...last, reason });
  for (;;) {
    const [part, ...others] = rest;
    if (part === undefined) {
      const at = done.join('/');
      return { path: at, entry: at === '' ? null : await tree.entry(at) };
    }
    const isOfLink = linked > 0;
    rest = others;
    if (isOfLink) linked--;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (done.pop() === undefined) throw refused('outside');
      continue;
    }
    const here = [...done, part].join('/');
    const entry = await tree.entry(here);
    if (entry !== null && isLink(entry)) {
      const to = await tree.target(entry);
      if (to === null) return { path: here, entry: null };
      last = { link: here, to };
      if (++followed > MOST_LINKS) throw refused('circle');
      if (to.startsWith('/')) throw refused('outside');
      const parts = to.split('/');
      rest = [...parts, ...rest];
      linked += parts.length;
      continue;
    }
    if (entry === null && isOfLink) throw refused('nowhere');
    done.push(part);
    if (rest.length > 0 && entry !== null && isSubmodule(entry)) {
      throw new Refusal('not-a-file', { path, what: 'submodule', at: here });
    }
    if (entry === null || (rest.length > 0 && !isFolder(entry))) {
      return { path: [...done, ...rest].join('/'), entry: null };
    }
  }
}

/**
 * The same for a file that is read: null for what is not there, or is a folder or a submodule. A link must lead to a
 * file.
 */
export async function followToFile<E extends Entry>(
  path: string,
  tree: LinkedTree<E>,
): Promise<(LinkedPlace<E> & { readonly entry: E }) | null> {
  const { path: at, entry } = await follow(path, tree);
  if (entry === null) return null;
  if (isPlainFile(entry)) return { path: at, entry };
  const own = at === path ? null : await tree.entry(path);
  if (own !== null && isLink(own)) {
    const to = (await tree.target(own)) ?? '';
    throw new Refusal('link-not-followed', { path, link: path, to, reason: 'no-file' });
  }
  return null;
}

/** For what is about to be written: Refusal `not-a-file` where a folder, a link or a submodule would be replaced. */
export async function mustBeFile<E extends Entry>(path: string, tree: LinkedTree<E>): Promise<void> {
  for (let cut = path.indexOf('/'); cut >= 0; cut = path.indexOf('/', cut + 1)) {
    const at = path.slice(0, cut);
    const folder = await tree.entry(at);
    if (folder === null) return;
    if (!isFolder(folder)) throw new Refusal('not-a-file', { path, what: kindOf(folder), at });
  }
  const entry = await tree.entry(path);
  if (entry !== null && !isPlainFile(entry)) {
    throw new Refusal('not-a-file', { path, what: kindOf(entry), at: path });
  }
}

/** What it is, in a word of the refusal `not-a-file`. */
export function kindOf(entry: Entry): string {
  if (isLink(entry)) return 'link';
  if (isSubmodule(entry)) return 'submodule';
  return isFolder(entry) ? 'folder' : 'file';
}

/** Something below a folder that is no folder itself. */
export interface Listed extends Entry {
  readonly path: string;
}

/**
 * Paths of the files below folders. Folders may be links; below them links to files count as files, also those that
 * lead nowhere, so that reading them says so; a link to a folder only when what it leads to is not listed anyway.
 *
 * @param below lists what is below folders that are no links
 */
export async function listThroughLinks<E extends Entry>(
  folders: readonly string[],
  tree: LinkedTree<E>,
  below: (folders: readonly string[]) => Promise<readonly Listed[]>,
): Promise<readonly string[]> {
  const places = await Promise.all(
    folders.map(async (folder) => ({ folder, at: await folderPlace(withoutTrailing(folder, '/'), tree) })),
  );
  const roots = places.map(({ at }) => at);
  const entries = await below(roots);
  const found = new Set<string>();
  for (const { folder, at } of places) {
    const own = entries.filter(({ path }) => path.startsWith(`${at}/`));
    for (const entry of own) {
      const path = withoutTrailing(folder, '/') + entry.path.slice(at.length);
      if (isPlainFile(entry)) found.add(path);
      if (!isLink(entry)) continue;
      const elsewhere = await folderBehind(entry.path, tree);
      if (elsewhere === null) found.add(path);
      else if (!roots.some((root) => `${elsewhere}/`.startsWith(`${root}/`))) {
        for (const file of (await below([elsewhere])).filter(isPlainFile)) {
          if (file.path.startsWith(`${elsewhere}/`)) found.add(path + file.path.slice(elsewhere.length));
        }
      }
    }
  }
  return [...found].sort();
}

async function folderPlace<E extends Entry>(folder: string, tree: LinkedTree<E>): Promise<string> {
  const { path, entry } = await follow(folder, tree);
  if (entry !== null && isSubmodule(entry)) {
    throw new Refusal('not-a-file', { path: folder, what: 'submodule', at: path });
  }
  return path;
}

/** The folder that a link leads to; null for links to anything else, or nowhere. */
async function folderBehind<E extends Entry>(link: string, tree: LinkedTree<E>): Promise<string | null> {
  try {
    const { path, entry } = await follow(link, tree);
    return entry !== null && isFolder(entry) ? path : null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
