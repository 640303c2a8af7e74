import { literalPattern } from '../../text/bounded-pattern.ts';
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

/** Crates whose version a release raises: names with the version that they have now. */
export type Crates = ReadonlyMap<string, string>;

/**
 * Whether a Cargo.toml names a workspace: then the manifests below it have to be read, too.
 *
 * @throws Refusal `version-file-broken`
 */
export function isWorkspace(path: string, text: string): boolean {
  return tomlEntries(path, text).some(({ keys }) => keys[0] === 'workspace');
}

/**
 * The places of a Cargo.toml that follow a release: the version of the package or of the workspace where this manifest
 * is one that releases raise, and what it requires of crates that are raised, by path.
 *
 * @param own whether the manifest's own version is raised
 */
export function cargoRanges(
  path: string,
  text: string,
  own: boolean,
  crates: Crates,
): readonly VersionRange[] {
  const entries = tomlEntries(path, text);
  const versions = own
    ? [['package'], ['workspace', 'package']].flatMap(
        (table) => tomlAt(entries, ...table, 'version')?.range ?? [],
      )
    : [];
  const required = entries.flatMap((entry) => requirement(text, entry, entries, crates) ?? []);
  return [...versions, ...required];
}

/** The entries of Cargo.lock for all crates that are raised, and where others name them with their version. */
export function cargoLockRanges(path: string, text: string, crates: Crates): readonly TextRange[] {
  const entries = lockEntries(path, text, [...crates.keys()]);
  const versions = entries.flatMap(({ source, version }) =>
    Object.keys(source).length === 0 && version ? [version] : [],
  );
  // Only where a lock has two crates of one name does it name the version of a dependency.
  const named = [...crates].flatMap(([name, version]) =>
    [
      ...text.matchAll(new RegExp(`^ "${literalPattern(name)} (${literalPattern(version)})",?\\r?$`, 'dgm')),
    ].flatMap(({ indices }) => (indices?.[1] ? [{ start: indices[1][0], end: indices[1][1] }] : [])),
  );
  return [...versions, ...named];
}

/**
 * The crates that a release raises.
 *
 * @param own manifests whose own version is raised: that of the root, and those that are configured
 */
export function raisedCrates(own: ReadonlySet<string>, texts: FileTexts): Crates {
  const crates = new Map<string, string>();
  for (const [path, text] of texts) {
    if (text === null || !isManifest(path)) continue;
    const entries = tomlEntries(path, text);
    const name = tomlAt(entries, 'package', 'name')?.value;
    if (typeof name !== 'string') continue;
    const inherits = tomlAt(entries, 'package', 'version', 'workspace')?.value === true;
    const version = inherits
      ? workspaceVersion(path, own, texts)
      : own.has(path)
        ? tomlAt(entries, 'package', 'version')?.value
        : null;
    if (typeof version === 'string') crates.set(name, version);
  }
  return crates;
}

/** The version of the nearest workspace above, when a release raises it. */
function workspaceVersion(path: string, own: ReadonlySet<string>, texts: FileTexts): string | null {
  const roots = [...own].filter((root) => isManifest(root) && path.startsWith(folderOf(root)));
  for (const root of roots.toSorted((a, b) => b.length - a.length)) {
    const text = texts.get(root);
    const version =
      text == null ? null : tomlAt(tomlEntries(root, text), 'workspace', 'package', 'version')?.value;
    if (typeof version === 'string') return version;
  }
  return null;
}

/** Where a dependency by path asks for the present version of a crate that is raised. */
function requirement(
  text: string,
  { keys, value, range }: TomlEntry,
  entries: readonly TomlEntry[],
  crates: Crates,
): VersionRange | null {
  const table = keys.slice(0, -2);
  const key = keys.at(-2);
  if (keys.at(-1) !== 'version' || range === null || typeof value !== 'string' || key === undefined)
    return null;
  if (!DEPENDENCIES.includes(String(table.at(-1)))) return null;
  const beside = (name: string) => tomlAt(entries, ...table, key, name)?.value;
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
