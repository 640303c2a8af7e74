import { Refusal } from '../../refusals/refusal.ts';
import type { TextRange } from './json-text.ts';
import { lockEntries } from './lock-entries.ts';
import { type TomlEntry, tomlAt, tomlEntries } from './toml.ts';

/** A place that takes the version, or only its first numbers: `shop = "1.2"`. */
export interface VersionRange extends TextRange {
  readonly numbers?: 1 | 2;
}

/** The texts of the files that are read, by path; null for one that is not there. */
export type FileTexts = ReadonlyMap<string, string | null>;

const DEPENDENCIES = ['dependencies', 'dev-dependencies', 'build-dependencies'];

type Manifests = ReadonlyMap<string, readonly TomlEntry[]>;

/** Crates whose version a release raises: names with the version that they have now. */
export type Crates = ReadonlyMap<string, string>;

/** Whether a Cargo.toml names a workspace: then the manifests below it have to be read, too. */
export function isWorkspace(path: string, text: string): boolean {
  return readable(path, text).some(({ keys }) => keys[0] === 'workspace');
}

/** Templates and what tests read need not be TOML: nothing stands in those that are broken. */
function readable(path: string, text: string): readonly TomlEntry[] {
  try {
    return tomlEntries(path, text);
  } catch (error) {
    if (error instanceof Refusal) return [];
    throw error;
  }
}

/** The manifests of some files; each is read once. One that is broken has no entries. */
export function manifestsIn(texts: FileTexts): Manifests {
  return new Map(
    [...texts].flatMap(([path, text]) =>
      text === null || !isManifest(path) ? [] : [[path, readable(path, text)]],
    ),
  );
}

/**
 * Refusal `version-file-broken` for a manifest that a workspace names as a member, and that cannot be read; null for any
 * other.
 */
export function brokenMember(path: string, texts: FileTexts): Refusal | null {
  const text = texts.get(path) ?? null;
  if (text === null || !isManifest(path)) return null;
  try {
    tomlEntries(path, text);
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const roots = [...texts].filter(([root]) => isManifest(root) && path.startsWith(folderOf(root)));
    return roots.some(([root, workspace]) => workspace !== null && isNamed(root, workspace, path))
      ? error
      : null;
  }
}

/** Whether a workspace names a folder as a member; a glob may match more than Cargo takes it for. */
function isNamed(root: string, workspace: string, path: string): boolean {
  const entries = readable(root, workspace);
  const parts = folderOf(path.slice(folderOf(root).length))
    .split('/')
    .slice(0, -1);
  const isIn = (list: string) =>
    entries.some(({ keys, value }) => {
      if (keys[0] !== 'workspace' || keys[1] !== list || typeof value !== 'string') return false;
      const wanted = value.split('/').filter((part) => part !== '.' && part !== '');
      const deep = wanted.indexOf('**');
      const certain = deep < 0 ? wanted : wanted.slice(0, deep);
      const isLong = deep < 0 ? wanted.length === parts.length : parts.length >= deep;
      return isLong && certain.every((part, index) => /[*?[]/.test(part) || part === parts[index]);
    });
  return isIn('members') && !isIn('exclude');
}

/**
 * The places of a Cargo.toml that follow a release: the version of the package or of the workspace where this manifest
 * is one that releases raise, and what it requires of crates that are raised, by path.
 *
 * @param own whether the manifest's own version is raised: such a one has to be TOML
 * @throws Refusal `version-file-broken`
 */
export function cargoRanges(
  path: string,
  text: string,
  own: boolean,
  { manifests, crates }: { readonly manifests: Manifests; readonly crates: Crates },
): readonly VersionRange[] {
  const known = manifests.get(path) ?? [];
  const entries = own && known.length === 0 ? tomlEntries(path, text) : known;
  const values = new Map(entries.map(({ keys, value }) => [keys.join('\0'), value]));
  const versions = own
    ? [['package'], ['workspace', 'package']].flatMap(
        (table) => tomlAt(entries, ...table, 'version')?.range ?? [],
      )
    : [];
  const required = entries.flatMap((entry) => requirement(text, entry, values, crates) ?? []);
  return [...versions, ...required];
}

/** The entries of Cargo.lock for all crates that are raised, and where others name them with their version. */
export function cargoLockRanges(path: string, text: string, crates: Crates): readonly TextRange[] {
  const entries = lockEntries(path, text, new Set(crates.keys()));
  const versions = entries.flatMap(({ source, version }) =>
    Object.keys(source).length === 0 && version ? [version] : [],
  );
  // Only where a lock has two crates of one name does it name the version of a dependency.
  const named = [...text.matchAll(/^ "([^" \r\n]+) ([^" \r\n]+)",?\r?$/dgm)].flatMap(
    ({ indices, 1: name = '', 2: version }) =>
      crates.get(name) === version && indices?.[2] ? [{ start: indices[2][0], end: indices[2][1] }] : [],
  );
  return [...versions, ...named];
}

/**
 * The crates that a release raises.
 *
 * @param own manifests whose own version is raised: that of the root, and those that are configured
 */
export function raisedCrates(own: ReadonlySet<string>, manifests: Manifests): Crates {
  const crates = new Map<string, string>();
  const roots = workspaceVersions(own, manifests);
  for (const [path, entries] of manifests) {
    const name = tomlAt(entries, 'package', 'name')?.value;
    if (typeof name !== 'string') continue;
    const inherits = tomlAt(entries, 'package', 'version', 'workspace')?.value === true;
    const version = inherits
      ? roots.find(({ folder }) => path.startsWith(folder))?.version
      : own.has(path)
        ? tomlAt(entries, 'package', 'version')?.value
        : null;
    if (typeof version === 'string') crates.set(name, version);
  }
  return crates;
}

/** The workspaces that a release raises, by their folders, with their versions; the deepest first. */
function workspaceVersions(own: ReadonlySet<string>, manifests: Manifests) {
  const roots = [...own].flatMap((root) => {
    const version = tomlAt(manifests.get(root) ?? [], 'workspace', 'package', 'version')?.value;
    return typeof version === 'string' ? [{ folder: folderOf(root), version }] : [];
  });
  return roots.sort((a, b) => b.folder.length - a.folder.length);
}

/** Where a dependency by path asks for the present version of a crate that is raised. */
function requirement(
  text: string,
  { keys, value, range }: TomlEntry,
  values: ReadonlyMap<string, TomlEntry['value']>,
  crates: Crates,
): VersionRange | null {
  const table = keys.slice(0, -2);
  const key = keys.at(-2);
  if (keys.at(-1) !== 'version' || range === null || typeof value !== 'string' || key === undefined)
    return null;
  if (!DEPENDENCIES.includes(String(table.at(-1)))) return null;
  const beside = (name: string) => values.get([...table, key, name].join('\0'));
  const version = crates.get(String(beside('package') ?? key));
  if (version === undefined || typeof beside('path') !== 'string') return null;
  const found = /^[\^~=]?\s*(\d\S*)$/.exec(text.slice(range.start, range.end));
  const asked = found?.[1] ?? '';
  const numbers = asked.split('.').length;
  if (asked !== version && (numbers > 2 || !version.startsWith(`${asked}.`))) return null;
  const start = range.end - asked.length;
  return asked === version
    ? { start, end: range.end }
    : { start, end: range.end, numbers: numbers === 1 ? 1 : 2 };
}

export function isManifest(path: string): boolean {
  return path === 'Cargo.toml' || path.endsWith('/Cargo.toml');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
