import { Refusal } from '../../refusals/refusal.ts';
import type { FileChange } from '../release.ts';
import { exactVersion } from '../version.ts';
import {
  type CheckedPlace,
  markedPlaces,
  patternPlace,
  presentRange,
  VERSION_MARKER,
  versionAt,
} from './checked.ts';
import { findJsonString, type TextRange } from './json-text.ts';
import { lockEntries } from './lock-entries.ts';
import { tomlAt, tomlEntries } from './toml.ts';

/** A pattern of the config whose first capture group, or the text between prefix and suffix, is the version. */
export interface VersionFile {
  readonly path: string;
  /** Regular expression with one capture group around the version; absent for the well-known files. */
  readonly pattern?: string;
}

/** Read at every release where they exist. */
export const WELL_KNOWN_FILES = [
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'VERSION',
  'pyproject.toml',
  'Cargo.toml',
  'Cargo.lock',
] as const;

/** Places in one file that hold the version. */
export interface VersionPlaces {
  readonly path: string;
  readonly text: string;
  /** Where the format of the file says that its version stands. */
  readonly ranges: readonly TextRange[];
  /** Where a marker or a pattern says so. */
  readonly checked: readonly CheckedPlace[];
  /** The version that the file names: the highest authority for the first release; null when it names none. */
  readonly version: string | null;
}

/**
 * Finds the version in a set of files; `text` null means that the file is not there.
 *
 * - `package.json`: the top `version`. `package-lock.json`, `npm-shrinkwrap.json`: the top one and those of the
 *   root and of configured workspace packages.
 * - `VERSION`: the only word of the file, with or without `v`.
 * - `pyproject.toml`: `version` of `[project]` or `[tool.poetry]`. `Cargo.toml`: of `[package]` or
 *   `[workspace.package]`. `Cargo.lock`: of the package's own entry.
 * - Configured with patterns: the first match of each.
 * - Any other file: each line that has the marker `x-slipway-version`.
 *
 * Refusals: `version-file-missing`, `version-file-broken`, `version-pattern-invalid`, `version-pattern-slow`,
 * `version-not-found`, `version-marker-empty`.
 */
export function findVersions(
  files: readonly { readonly path: string; readonly text: string | null }[],
  configured: readonly VersionFile[],
): readonly VersionPlaces[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const found: VersionPlaces[] = [];
  for (const path of new Set(configured.map((file) => file.path))) {
    const text = texts.get(path) ?? null;
    if (text === null) throw new Refusal('version-file-missing', { path });
    const own = configured.filter((file) => file.path === path);
    const patterns = own.flatMap(({ pattern }) => (pattern === undefined ? [] : [{ path, pattern }]));
    const whole = own.length > patterns.length ? placesOf(path, text, texts) : NOWHERE;
    const checked = [...whole.checked, ...patterns.map((pattern) => patternPlace(pattern, text))];
    if (whole.ranges.length + checked.length === 0) {
      throw new Refusal('version-not-found', { path, marker: VERSION_MARKER });
    }
    found.push({ path, text, ...whole, checked, version: versionOf(text, whole.ranges, checked) });
  }
  for (const { path, text } of files) {
    if (text === null || configured.some((file) => file.path === path)) continue;
    const { ranges, checked } = placesOf(path, text, texts);
    if (ranges.length + checked.length === 0) continue;
    found.push({ path, text, ranges, checked, version: versionOf(text, ranges, checked) });
  }
  return found;
}

/**
 * The files with the version replaced; those that name it already are left out. A place that a marker or a pattern
 * points out is replaced only when it holds one of the `present` versions, or one that a file's format gives it.
 *
 * Refusals: `version-not-present`.
 */
export function setVersion(
  places: readonly VersionPlaces[],
  version: string,
  present: readonly string[] = [],
): readonly FileChange[] {
  const named = places.flatMap((place) => (place.ranges.length > 0 && place.version ? [place.version] : []));
  const versions = { present: [...present, ...named], next: version };
  return places.flatMap((place) => {
    const { path, text } = place;
    const asked = place.checked.flatMap((checked) => presentRange(place, checked, versions));
    const after = withoutOverlap([...place.ranges, ...asked]).reduceRight(
      (changed, { start, end }) => changed.slice(0, start) + version + changed.slice(end),
      text,
    );
    return after === text ? [] : [{ path, text: after }];
  });
}

/** In order, each place once: two patterns may find the same. */
function withoutOverlap(ranges: readonly TextRange[]): readonly TextRange[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start || b.end - a.end);
  return sorted.filter((range, index) => index === 0 || range.start >= (sorted[index - 1]?.end ?? 0));
}

function versionOf(
  text: string,
  ranges: readonly TextRange[],
  checked: readonly CheckedPlace[],
): string | null {
  const [first] = ranges;
  if (first) return exactVersion(text.slice(first.start, first.end));
  const [asked] = checked;
  return asked ? versionAt(text, asked) : null;
}

const NOWHERE: Pick<VersionPlaces, 'ranges' | 'checked'> = { ranges: [], checked: [] };

function placesOf(path: string, text: string, texts: Texts): Pick<VersionPlaces, 'ranges' | 'checked'> {
  const ranges = rangesOf(path, text, texts);
  return ranges === null ? { ranges: [], checked: markedPlaces(path, text) } : { ranges, checked: [] };
}

type Texts = ReadonlyMap<string, string | null>;

/** Where the format of a well-known file says that its version stands; null for any other file. */
function rangesOf(path: string, text: string, texts: Texts): readonly TextRange[] | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, path.length - name.length);
  switch (name) {
    case 'package.json':
      return inJson(path, text, [['version']]);
    case 'package-lock.json':
    case 'npm-shrinkwrap.json':
      return inJson(path, text, lockPaths(folder, texts));
    case 'VERSION':
      return within(text, /^\uFEFF?\s*v?(\S+)\s*$/d);
    case 'pyproject.toml':
      return inToml(path, text, ['project'], ['tool', 'poetry']);
    case 'Cargo.toml':
      return inToml(path, text, ['package'], ['workspace', 'package']);
    case 'Cargo.lock':
      return inCargoLock(path, text, texts.get(`${folder}Cargo.toml`) ?? null);
    default:
      return null;
  }
}

/** Entries of the lock that carry the version of package.json files we raise. */
function lockPaths(folder: string, texts: Texts): string[][] {
  const paths = [['version']];
  for (const [path, text] of texts) {
    if (text === null || !path.endsWith('package.json') || !path.startsWith(folder)) continue;
    const workspace = path.slice(folder.length).replace(/\/?package\.json$/, '');
    // A package without a version of its own has none to follow.
    if (findVersion(text) !== null) paths.push(['packages', workspace, 'version']);
  }
  return paths;
}

function findVersion(text: string): TextRange | null {
  try {
    JSON.parse(withoutMark(text));
    return findJsonString(text, ['version']);
  } catch {
    return null;
  }
}

function inJson(path: string, text: string, paths: readonly (readonly string[])[]): readonly TextRange[] {
  try {
    JSON.parse(withoutMark(text));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'not JSON';
    throw new Refusal('version-file-broken', { path, reason });
  }
  return paths.flatMap((keys) => findJsonString(text, keys) ?? []);
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/** Ranges of the first capture group that hold a version. */
function within(text: string, pattern: RegExp): readonly TextRange[] {
  const range = pattern.exec(text)?.indices?.[1];
  if (!range) return [];
  const [start, end] = range;
  return exactVersion(text.slice(start, end)) === null ? [] : [{ start, end }];
}

/** The `version` of tables. */
function inToml(path: string, text: string, ...tables: readonly (readonly string[])[]): readonly TextRange[] {
  const entries = tomlEntries(path, text);
  return tables.flatMap((table) => tomlAt(entries, ...table, 'version')?.range ?? []);
}

/** The entry of a package in a list that a tool wrote. A dependency of the same name from elsewhere has a source. */
function inCargoLock(path: string, text: string, manifest: string | null): readonly TextRange[] {
  const name =
    manifest === null ? null : tomlAt(tomlEntries('Cargo.toml', manifest), 'package', 'name')?.value;
  if (typeof name !== 'string') return [];
  return lockEntries(path, text, [name]).flatMap(({ source, version }) =>
    Object.keys(source).length === 0 && version ? [version] : [],
  );
}
