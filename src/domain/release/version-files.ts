import { Refusal } from '../refusals/refusal.ts';
import { searchBounded } from '../text/bounded-pattern.ts';
import { findJsonString, type TextRange } from './json-text.ts';
import type { FileChange } from './release.ts';
import { exactVersion } from './version.ts';

/** A pattern of the config whose first capture group, or the text between prefix and suffix, is the version. */
export interface VersionFile {
  readonly path: string;
  /** Regular expression with one capture group around the version; absent for the well-known files. */
  readonly pattern?: string;
}

/** The text to look for: a line with this word and a version follows the releases. */
export const VERSION_MARKER = 'x-slipway-version';

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
  readonly ranges: readonly TextRange[];
  /** The version that the file names: the highest authority for the first release; null when it names none. */
  readonly version: string | null;
}

const ANY_VERSION =
  /(?<!\d)\d+\.\d+\.\d+(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/;

/**
 * Finds the version in a set of files; `text` null means that the file is not there.
 *
 * - `package.json`: the top `version`. `package-lock.json`, `npm-shrinkwrap.json`: the top one and those of the
 *   root and of configured workspace packages.
 * - `VERSION`: the only word of the file, with or without `v`.
 * - `pyproject.toml`: `version` of `[project]` or `[tool.poetry]`. `Cargo.toml`: of `[package]` or
 *   `[workspace.package]`. `Cargo.lock`: of the package's own entry.
 * - Configured with a pattern: its first capture group, in the first match.
 * - Any other file: the first version on each line that has the marker `x-slipway-version`.
 *
 * Refusals: `version-file-missing`, `version-file-broken`, `version-pattern-invalid`, `version-not-found`.
 */
export function findVersions(
  files: readonly { readonly path: string; readonly text: string | null }[],
  configured: readonly VersionFile[],
): readonly VersionPlaces[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const found: VersionPlaces[] = [];
  for (const file of configured) {
    const text = texts.get(file.path) ?? null;
    if (text === null) throw new Refusal('version-file-missing', { path: file.path });
    const ranges = file.pattern === undefined ? rangesOf(file.path, text, texts) : byPattern(file, text);
    if (ranges.length === 0)
      throw new Refusal('version-not-found', { path: file.path, marker: VERSION_MARKER });
    found.push(placesOf(file.path, text, ranges));
  }
  for (const { path, text } of files) {
    if (text === null || configured.some((file) => file.path === path)) continue;
    const ranges = rangesOf(path, text, texts);
    if (ranges.length > 0) found.push(placesOf(path, text, ranges));
  }
  return found;
}

/** The files with the version replaced; those that name it already are left out. */
export function setVersion(places: readonly VersionPlaces[], version: string): readonly FileChange[] {
  return places.flatMap(({ path, text, ranges }) => {
    const after = [...ranges]
      .sort((a, b) => b.start - a.start)
      .reduce((changed, { start, end }) => changed.slice(0, start) + version + changed.slice(end), text);
    return after === text ? [] : [{ path, text: after }];
  });
}

function placesOf(path: string, text: string, ranges: readonly TextRange[]): VersionPlaces {
  const [first] = ranges;
  return { path, text, ranges, version: first ? exactVersion(text.slice(first.start, first.end)) : null };
}

type Texts = ReadonlyMap<string, string | null>;

function rangesOf(path: string, text: string, texts: Texts): readonly TextRange[] {
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
      return [...inToml(text, 'project'), ...inToml(text, 'tool.poetry')];
    case 'Cargo.toml':
      return [...inToml(text, 'package'), ...inToml(text, 'workspace.package')];
    case 'Cargo.lock':
      return inCargoLock(text, texts.get(`${folder}Cargo.toml`) ?? null);
    default:
      return byMarker(text);
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

function byMarker(text: string): readonly TextRange[] {
  const ranges: TextRange[] = [];
  for (let marker = text.indexOf(VERSION_MARKER); marker >= 0; ) {
    const start = text.lastIndexOf('\n', marker) + 1;
    const lineEnd = text.indexOf('\n', marker);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const match = ANY_VERSION.exec(text.slice(start, end));
    if (match) ranges.push({ start: start + match.index, end: start + match.index + match[0].length });
    marker = text.indexOf(VERSION_MARKER, end);
  }
  return ranges;
}

function byPattern({ path, pattern = '' }: VersionFile, text: string): readonly TextRange[] {
  let found: ReturnType<typeof searchBounded>;
  try {
    found = searchBounded(pattern, 'm', text);
  } catch {
    throw new Refusal('version-pattern-invalid', { path, pattern });
  }
  if (found === 'slow') throw new Refusal('version-pattern-slow', { path, pattern });
  if (!found?.group) throw new Refusal('version-not-found', { path, pattern });
  const [start, end] = found.group;
  return [{ start: text[start] === 'v' ? start + 1 : start, end }];
}

/** `version = "1.2.0"` in one table; multi-line strings are not looked into. */
function inToml(text: string, table: string): readonly TextRange[] {
  for (const line of tomlLines(text)) {
    if (line.table !== table) continue;
    const match = /^\s*version\s*=\s*(["'])([^"']+)\1/d.exec(line.text);
    const range = match?.indices?.[2];
    if (range) return [{ start: line.start + range[0], end: line.start + range[1] }];
  }
  return [];
}

function inCargoLock(text: string, manifest: string | null): readonly TextRange[] {
  const name = manifest === null ? null : tomlValue(manifest, 'package', 'name');
  if (name === null) return [];
  let entry: { name?: string; source?: boolean; version?: TextRange } = {};
  const entries = [entry];
  for (const line of tomlLines(text)) {
    if (/^\s*\[/.test(line.text)) {
      entry = {};
      entries.push(entry);
    }
    if (line.table !== 'package') continue;
    const match = /^\s*(name|version|source)\s*=\s*"([^"]*)"/d.exec(line.text);
    const range = match?.indices?.[2];
    if (!match || !range) continue;
    if (match[1] === 'name') entry.name = match[2] ?? '';
    else if (match[1] === 'source') entry.source = true;
    else entry.version = { start: line.start + range[0], end: line.start + range[1] };
  }
  // A dependency of the same name from elsewhere has a source.
  return entries.flatMap(({ name: own, source, version }) =>
    own === name && !source && version ? [version] : [],
  );
}

function tomlValue(text: string, table: string, key: string): string | null {
  for (const line of tomlLines(text)) {
    const match = line.table === table ? /^\s*([\w-]+)\s*=\s*["']([^"']*)["']/.exec(line.text) : null;
    if (match?.[1] === key) return match[2] ?? null;
  }
  return null;
}

/** Lines outside of multi-line strings, with the table that they stand in. */
function* tomlLines(text: string): Generator<{ text: string; start: number; table: string }> {
  let table = '';
  let open: string | null = null;
  let start = 0;
  for (const raw of text.split('\n')) {
    const wasOpen = open !== null;
    for (const [mark] of raw.matchAll(/"""|'''/g)) {
      if (open === null) open = mark;
      else if (open === mark) open = null;
    }
    if (!wasOpen) {
      table = /^\s*\[\[?([^[\]]+)\]\]?\s*(?:#.*)?\r?$/.exec(raw)?.[1]?.trim() ?? table;
      yield { text: raw, start, table };
    }
    start += raw.length + 1;
  }
}
