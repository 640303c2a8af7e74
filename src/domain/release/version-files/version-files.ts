import { Refusal } from '../../refusals/refusal.ts';
import type { FileChange } from '../release.ts';
import { asPep440, asSemver, versionKey } from '../version-key.ts';
import {
  type Crates,
  cargoLockRanges,
  cargoRanges,
  type FileTexts,
  raisedCrates,
  type VersionRange,
} from './cargo.ts';
import {
  type CheckedPlace,
  markedPlaces,
  patternPlace,
  presentOf,
  presentRange,
  VERSION_MARKER,
  versionAt,
} from './checked.ts';
import { CONVENTIONAL_FILES, conventionalRanges } from './conventional.ts';
import type { TextRange } from './json-text.ts';
import { bunLockRanges, packageLockRanges, packageRanges } from './node.ts';
import { pyprojectRanges, uvLockRanges } from './python.ts';
import { pnpmLockRanges, yarnLockRanges } from './workspace-locks.ts';

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
  'bun.lock',
  'VERSION',
  'pyproject.toml',
  'Cargo.toml',
  'Cargo.lock',
  'uv.lock',
  ...CONVENTIONAL_FILES,
] as const;

/** Files whose tools take nothing but SemVer: `2026.05.1` is 2026.5.1 in them, and 1.9 is 1.9.0. */
const SEMVER_ONLY =
  /(?:^|\/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|bun\.lock|Cargo\.(?:toml|lock)|lerna\.json|deno\.json|jsr\.json|composer\.json|mix\.exs|Chart\.yaml|pubspec\.yaml)$/;

/** Places in one file that hold the version. */
export interface VersionPlaces {
  readonly path: string;
  readonly text: string;
  /** Where the format of the file says that its version stands. */
  readonly ranges: readonly VersionRange[];
  /** Where a marker or a pattern says so. */
  readonly checked: readonly CheckedPlace[];
  /** Where files of its kind keep it by convention; it follows when it is the present version. */
  readonly conventional: readonly TextRange[];
  /** The version that the file names: the highest authority for the first release; null when it names none. */
  readonly version: string | null;
  /** What a conventional place names: of use while nothing was released. */
  readonly hint: string | null;
}

/**
 * Finds the version in a set of files; `text` null means that the file is not there.
 *
 * - `package.json`: the top `version`, and what it requires of other packages that are raised. `package-lock.json`,
 *   `npm-shrinkwrap.json`, `bun.lock`: those of the root and of configured workspace packages.
 * - `VERSION`: the only word of the file, with or without `v`.
 * - `pyproject.toml`: `version` of `[project]` or `[tool.poetry]`. `Cargo.toml`: of `[package]` or
 *   `[workspace.package]`, and what is required of its members by path. `Cargo.lock`: of the entries of the package
 *   and of the members that inherit. `uv.lock`: of the project's own entry.
 * - Files that are conventional for other languages: see `conventionalRanges`.
 * - Configured with patterns: the first match of each.
 * - Any file: each line that has the marker `x-slipway-version`.
 *
 * `home`: folder of the package that is released, ends with a slash; empty: the root. Locks above it hold its entry.
 *
 * Refusals: `version-file-missing`, `version-file-broken`, `version-pattern-invalid`, `version-pattern-slow`,
 * `version-not-found`, `version-marker-empty`.
 */
export function findVersions(
  files: readonly { readonly path: string; readonly text: string | null }[],
  configured: readonly VersionFile[],
  home = '',
): readonly VersionPlaces[] {
  const texts = new Map(files.map(({ path, text }) => [path, text]));
  const named = new Set(configured.map(({ path }) => path));
  const own = new Set(
    files.flatMap(({ path, text }) =>
      isDirectlyIn(path, home) || named.has(path) || text?.includes(VERSION_MARKER) ? [path] : [],
    ),
  );
  let crates: Crates | undefined;
  const context: Context = {
    texts,
    own,
    home,
    // Only where they matter: a Cargo.toml of which a pattern is read need not be TOML.
    crates: () => {
      crates ??= raisedCrates(own, texts);
      return crates;
    },
  };
  const found: VersionPlaces[] = [];
  for (const path of named) {
    const text = texts.get(path) ?? null;
    if (text === null) throw new Refusal('version-file-missing', { path });
    const own = configured.filter((file) => file.path === path);
    const patterns = own.flatMap(({ pattern }) => (pattern === undefined ? [] : [{ path, pattern }]));
    const whole = own.length > patterns.length ? placesIn(path, text, context, true) : NOWHERE;
    const checked = [...whole.checked, ...patterns.map((pattern) => patternPlace(pattern, text))];
    const places = { path, text, ranges: whole.ranges, checked, conventional: whole.conventional };
    if (isEmpty(places)) throw new Refusal('version-not-found', { path, marker: VERSION_MARKER });
    found.push({ ...places, ...namedBy(places) });
  }
  for (const { path, text } of files) {
    if (text === null || named.has(path)) continue;
    const places = { path, text, ...placesIn(path, text, context, false) };
    if (!isEmpty(places)) found.push({ ...places, ...namedBy(places) });
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
  const all = [...present, ...named].flatMap((one) => [one, asSemver(one)]);
  return places.flatMap((place) => {
    const { path, text } = place;
    const own = spelledIn(path, version);
    const versions = { present: all, next: own };
    const asked = place.checked.map((checked) => presentRange(place, checked, versions));
    const usual = presentOf(text, place.conventional, versions);
    const after = withoutOverlap([...place.ranges, ...asked, ...usual]).reduceRight(
      (changed, { start, end, numbers }) =>
        changed.slice(0, start) + own.split('.').slice(0, numbers).join('.') + changed.slice(end),
      text,
    );
    return after === text ? [] : [{ path, text: after }];
  });
}

/** As the tools of a file write a version; uv does not take the spelling of pyproject.toml. */
function spelledIn(path: string, version: string): string {
  if (/(?:^|\/)uv\.lock$/.test(path)) return asPep440(version);
  return SEMVER_ONLY.test(path) ? asSemver(version) : version;
}

/** In order, each place once: two patterns may find the same. */
function withoutOverlap(ranges: readonly VersionRange[]): readonly VersionRange[] {
  const sorted = ranges.toSorted((a, b) => a.start - b.start || b.end - a.end);
  return sorted.filter((range, index) => index === 0 || range.start >= (sorted[index - 1]?.end ?? 0));
}

type Places = Pick<VersionPlaces, 'ranges' | 'checked' | 'conventional'>;
const NOWHERE: Places = { ranges: [], checked: [], conventional: [] };

function isEmpty({ ranges, checked, conventional }: Places): boolean {
  return ranges.length + checked.length + conventional.length === 0;
}

function namedBy({
  text,
  ranges,
  checked,
  conventional,
}: Places & Pick<VersionPlaces, 'text'>): Pick<VersionPlaces, 'version' | 'hint'> {
  const held = (range: TextRange | undefined) => {
    const found = range ? text.slice(range.start, range.end).replace(/^v|-SNAPSHOT$/g, '') : '';
    return versionKey(found) === null ? null : found;
  };
  const [asked] = checked;
  const version =
    ranges.length > 0
      ? held(ranges.find(({ numbers }) => numbers === undefined))
      : asked
        ? versionAt(text, asked)
        : null;
  return { version, hint: held(conventional[0]) };
}

/** What the files know of each other. */
interface Context {
  readonly texts: FileTexts;
  /** Manifests whose own version is raised, beside those of crates that inherit it. */
  readonly own: ReadonlySet<string>;
  readonly home: string;
  readonly crates: () => Crates;
}

function isDirectlyIn(path: string, home: string): boolean {
  return path.startsWith(home) && !path.slice(home.length).includes('/');
}

/** @param meant whether the configuration names the file: then its version is its own, whatever it is */
function placesIn(path: string, text: string, context: Context, meant: boolean): Places {
  const ranges = rangesOf(path, text, context);
  if (ranges !== null) return { ...NOWHERE, ranges, checked: besideRanges(path, text, ranges) };
  const isModule = !isDirectlyIn(path, context.home);
  const conventional = conventionalRanges(path, text, isModule);
  const checked = markedPlaces(path, text);
  if (conventional === null) return { ...NOWHERE, checked };
  return meant && checked.length === 0
    ? { ...NOWHERE, ranges: conventional.slice(0, 1), conventional: conventional.slice(1) }
    : { ...NOWHERE, checked, conventional };
}

/** Marked lines but for those that hold what the format says, which follows in any case. */
function besideRanges(path: string, text: string, ranges: readonly TextRange[]): readonly CheckedPlace[] {
  if (!text.includes(VERSION_MARKER)) return [];
  const isIn = ({ start, end }: TextRange) => ranges.some((range) => start < range.end && range.start < end);
  return markedPlaces(path, text).filter(({ candidates }) => !candidates.some(isIn));
}

/**
 * Refusal `version-file-unread` for a file `VERSION` that says something in which no version is found; null for any other.
 */
export function unreadVersion(path: string, text: string, places: readonly VersionPlaces[]): Refusal | null {
  const isMeant = /(?:^|\/)VERSION$/.test(path) && /\d\.\d/.test(text);
  return isMeant && !places.some((place) => place.path === path)
    ? new Refusal('version-file-unread', { path })
    : null;
}

/** Where the format of a well-known file says that its version stands; null for any other file. */
function rangesOf(path: string, text: string, context: Context): readonly VersionRange[] | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const folder = path.slice(0, path.length - name.length);
  switch (name) {
    case 'package.json':
      return packageRanges(path, text, context.texts);
    case 'package-lock.json':
    case 'npm-shrinkwrap.json':
      return packageLockRanges(path, text, folder, context.texts);
    case 'bun.lock':
      return bunLockRanges(text, folder, context.texts);
    case 'pnpm-lock.yaml':
      return pnpmLockRanges(text, folder, context.texts);
    case 'yarn.lock':
      return yarnLockRanges(text, folder, context.texts);
    case 'VERSION':
      return within(text, /^\uFEFF?\s*v?(\S+)\s*$/d);
    case 'pyproject.toml':
      return pyprojectRanges(path, text);
    case 'uv.lock':
      return uvLockRanges(path, text, context.texts);
    case 'Cargo.toml':
      return cargoRanges(path, text, context.own.has(path), context.crates());
    case 'Cargo.lock':
      return cargoLockRanges(path, text, context.crates());
    default:
      return null;
  }
}

/** Ranges of the first capture group that hold a version. */
function within(text: string, pattern: RegExp): readonly TextRange[] {
  const range = pattern.exec(text)?.indices?.[1];
  if (!range) return [];
  const [start, end] = range;
  return versionKey(text.slice(start, end)) === null ? [] : [{ start, end }];
}
