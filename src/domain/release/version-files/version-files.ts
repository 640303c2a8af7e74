import { Refusal } from '../../refusals/refusal.ts';
import { given } from '../../text/given.ts';
import type { FileChange } from '../release.ts';
import { asPep440, asSemver, versionKey } from '../version-key.ts';
import { manifestsIn, raisedCrates, type VersionRange } from './cargo.ts';
import {
  isOnTheWay,
  isUnderWork,
  patternPlace,
  presentOf,
  presentRange,
  VERSION_MARKER,
  versionAt,
} from './checked.ts';
import { manifestOf, rehashed } from './composer.ts';
import { CONVENTIONAL_FILES } from './conventional.ts';
import { gemsIn } from './gems.ts';
import type { TextRange } from './json-text.ts';
import { pomsIn } from './maven.ts';
import { type Context, isDirectlyIn, NOWHERE, type Places, placesIn } from './places.ts';

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
  'composer.lock',
  ...CONVENTIONAL_FILES,
] as const;

/** Files whose tools take nothing but SemVer: `2026.05.1` is 2026.5.1 in them, and 1.9 is 1.9.0. */
const SEMVER_ONLY =
  /(?:^|\/)(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|bun\.lock|Cargo\.(?:toml|lock)|lerna\.json|deno\.json|jsr\.json|composer\.json|mix\.exs|Chart\.yaml|pubspec\.yaml)$/;

/** Places in one file that hold the version. */
export interface VersionPlaces extends Places {
  readonly path: string;
  readonly text: string;
  /** The version that the file names: the highest authority for the first release; null when it names none. */
  readonly version: string | null;
  /** What a conventional place names: of use while nothing was released. */
  readonly hint: string | null;
  /** The file of which this one holds a hash. */
  readonly manifest?: string;
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
  const context: Context = {
    texts,
    own,
    home,
    // Only where they matter: a Cargo.toml of which a pattern is read need not be TOML.
    cargo: once(() => {
      const manifests = manifestsIn(texts);
      return { manifests, crates: raisedCrates(own, manifests) };
    }),
    poms: once(() => pomsIn(texts)),
    gems: once(() => gemsIn(texts, named)),
  };
  const found: VersionPlaces[] = [];
  for (const path of named) {
    const text = texts.get(path) ?? null;
    if (text === null) throw new Refusal('version-file-missing', { path });
    const own = configured.filter((file) => file.path === path);
    const patterns = own.flatMap(({ pattern }) => (pattern === undefined ? [] : [{ path, pattern }]));
    const whole = own.length > patterns.length ? placesIn(path, text, context, true) : NOWHERE;
    const checked = [...whole.checked, ...patterns.map((pattern) => patternPlace(pattern, text))];
    const places = { ...whole, path, text, checked };
    if (isEmpty(places)) throw new Refusal('version-not-found', { path, marker: VERSION_MARKER });
    found.push({ ...places, ...namedBy(places) });
  }
  for (const { path, text } of files) {
    if (text === null || named.has(path)) continue;
    const places = { path, text, ...placesIn(path, text, context, false) };
    const manifest = manifestOf(path);
    if (isEmpty(places) && manifest === null) continue;
    found.push({ ...places, ...namedBy(places), ...given({ manifest: manifest ?? undefined }) });
  }
  return found;
}

function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined;
  return () => {
    done ??= { value: work() };
    return done.value;
  };
}

/**
 * The files with the version replaced; those that name it already are left out. A place that a marker or a pattern
 * points out is replaced only when it holds one of the `present` versions (the last release first), what leads from it to
 * the next one, or one that a file's format gives it.
 *
 * Refusals: `version-not-present`.
 */
export function setVersion(
  places: readonly VersionPlaces[],
  version: string,
  present: readonly string[] = [],
): readonly FileChange[] {
  const named = places.flatMap((place) => (place.ranges.length > 0 && place.version ? [place.version] : []));
  const known = [...present, ...named].flatMap((one) => [one, asSemver(one)]);
  const all = [...known, ...begunBy(places, { present: known, next: version })];
  const changed = places.flatMap((place) => {
    const { path, text } = place;
    const own = spelledIn(path, version);
    const versions = { present: all, next: own };
    const asked = place.checked.map((checked) => presentRange(place, checked, versions));
    const usual = presentOf(text, place.conventional, versions);
    const ranges = withoutOverlap([...place.ranges, ...asked, ...usual]);
    const parts = ranges.map(
      ({ start, numbers }, index) =>
        text.slice(ranges[index - 1]?.end ?? 0, start) + own.split('.').slice(0, numbers).join('.'),
    );
    const after = [...parts, text.slice(ranges.at(-1)?.end ?? 0)].join('');
    return after === text ? [] : [{ path, text: after }];
  });
  const locks = places.flatMap((lock) => relocked(lock, places, changed) ?? []);
  const hashed = new Set(locks.map(({ path }) => path));
  return [...changed.filter(({ path }) => !hashed.has(path)), ...locks];
}

/** What the files of the home say is worked on: other files follow that only where they hold the same. */
function begunBy(
  places: readonly VersionPlaces[],
  versions: Parameters<typeof isOnTheWay>[1],
): readonly string[] {
  return places
    .flatMap(({ text, telling }) => (telling ? text.slice(telling.start, telling.end).replace(/^v/, '') : []))
    .filter((held) => isOnTheWay(held, versions));
}

/** A lock with the hash of its manifest as that has become; null where it stays. */
function relocked(
  { path, text, manifest }: VersionPlaces,
  places: readonly VersionPlaces[],
  changed: readonly FileChange[],
): FileChange | null {
  const textOf = (files: readonly FileChange[], wanted: string) =>
    files.find((file) => file.path === wanted)?.text;
  const [before, after] = manifest === undefined ? [] : [textOf(places, manifest), textOf(changed, manifest)];
  return before == null || after == null
    ? null
    : rehashed({ path, text: textOf(changed, path) ?? text }, before, after);
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

/**
 * Refusal `version-file-unread` for a file `VERSION` that says something in which no version is found; null for any other.
 */
export function unreadVersion(path: string, text: string, places: readonly VersionPlaces[]): Refusal | null {
  const isMeant = /(?:^|\/)VERSION$/.test(path) && /\d\.\d/.test(text);
  return isMeant && !places.some((place) => place.path === path)
    ? new Refusal('version-file-unread', { path })
    : null;
}

/**
 * Why files that are not as they should be after the release stay: `version-under-work` for one of the home that leads to
 * another version, `lock-hash-stays` for a lock whose hash did not fit before.
 */
export function staysBehind(
  places: readonly VersionPlaces[],
  changes: readonly FileChange[],
  next: string,
): readonly Refusal[] {
  const changed = new Set(changes.map(({ path }) => path));
  return places.flatMap(({ path, text, manifest, telling }) => {
    if (changed.has(path)) return [];
    if (manifest !== undefined && changed.has(manifest))
      return [new Refusal('lock-hash-stays', { path, manifest })];
    if (telling === null) return [];
    const found = text.slice(telling.start, telling.end);
    return isUnderWork(found) ? [new Refusal('version-under-work', { path, found, next })] : [];
  });
}
