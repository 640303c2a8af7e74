import { Refusal } from '../../refusals/refusal.ts';
import { searchBounded } from '../../text/bounded-pattern.ts';
import { compareVersions, versionKey } from '../version-key.ts';
import type { TextRange } from './json-text.ts';

/** The text to look for: a line with this word and a version follows the releases. */
export const VERSION_MARKER = 'x-slipway-version';

/** A pattern of the config: the text of its capture group is the version. */
export interface VersionPattern {
  readonly path: string;
  readonly pattern: string;
}

/** A place that people pointed out: what stands there follows only when it is the present version. */
export interface CheckedPlace {
  /** 1-based. */
  readonly line: number;
  /** What may be the version: one for a pattern, all of the line for a marker. */
  readonly candidates: readonly TextRange[];
}

/** What a place is held against. */
interface KnownVersions {
  /** The last release first. */
  readonly present: readonly string[];
  readonly next: string;
}

/** A version that is not part of a longer number such as an address: `10.0.0.1` holds none; `3.2.0.dev0` is one. */
const ANY_VERSION =
  /(?<![\d.])\d+\.\d+\.\d+(?!\d|\.\d)(?:\.?(?:a|b|c|rc|alpha|beta|post|dev)\.?\d+(?![0-9A-Za-z]))*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?/g;
/** Suffixes that make another version, not another build of the same. */
const PRERELEASE =
  /-(?:rc|alpha|beta|a|b|pre|preview|dev|next|canary|nightly|snapshot|m|ea|cr|post)[-.\d]*$/i;
/** What files say between two releases: `1.3.0-SNAPSHOT`, `1.3.0-dev`, `1.3.0.dev0`, `1.3.0-alpha.0`. */
const UNDER_WORK = /^v?(\d+(?:\.\d+){1,3})[-.]?(?:snapshot|dev|wip|pre|preview|alpha|a)[-.]?\d*$/i;
/** What begins a comment, right before the marker. */
const COMMENT = /(?:#|\/\/|<!--|\/\*|--|;|%|\*|\bREM)\s*$/;

/**
 * The lines with the marker. Text that only mentions the word has no version beside it and is not meant; a comment
 * that holds it and has none is a mistake.
 *
 * @throws Refusal `version-marker-empty`
 */
export function markedPlaces(path: string, text: string): readonly CheckedPlace[] {
  const places: CheckedPlace[] = [];
  let line = 1;
  let counted = 0;
  for (let marker = text.indexOf(VERSION_MARKER); marker >= 0; ) {
    const start = text.lastIndexOf('\n', marker) + 1;
    const lineEnd = text.indexOf('\n', marker);
    const end = lineEnd < 0 ? text.length : lineEnd;
    line += count(text, counted, start);
    counted = start;
    const candidates = [...text.slice(start, end).matchAll(ANY_VERSION)].map(({ index, 0: version }) => ({
      start: start + index,
      end: start + index + version.length,
    }));
    if (candidates.length > 0) places.push({ line, candidates });
    else if (COMMENT.test(text.slice(Math.max(start, marker - 8), marker))) {
      throw new Refusal('version-marker-empty', { path, line });
    }
    marker = text.indexOf(VERSION_MARKER, end);
  }
  return places;
}

/** Whether a text has a marker beside a version. */
export function isMarked(text: string): boolean {
  try {
    return markedPlaces('', text).length > 0;
  } catch {
    return true;
  }
}

/**
 * The place that a pattern finds.
 *
 * @throws Refusal `version-pattern-invalid`, `version-pattern-slow` or `version-not-found`
 */
export function patternPlace({ path, pattern }: VersionPattern, text: string): CheckedPlace {
  let found: ReturnType<typeof searchBounded>;
  try {
    found = searchBounded(pattern, 'm', text);
  } catch {
    throw new Refusal('version-pattern-invalid', { path, pattern });
  }
  if (found === 'slow') throw new Refusal('version-pattern-slow', { path, pattern });
  if (!found?.group) throw new Refusal('version-not-found', { path, pattern });
  const [start, end] = found.group;
  const range = { start: text[start] === 'v' ? start + 1 : start, end };
  return { line: 1 + count(text, 0, start), candidates: [range] };
}

/**
 * What of a place is replaced: the first that is the present version, or is the next one already. While nothing says
 * what the present version is, it is what the place says, if that is one version.
 *
 * @throws Refusal `version-not-present`
 */
export function presentRange(
  { path, text }: { readonly path: string; readonly text: string },
  { line, candidates }: CheckedPlace,
  versions: KnownVersions,
): TextRange {
  const { present } = versions;
  const found = [...new Set(candidates.map(({ start, end }) => text.slice(start, end)))];
  const [first] = candidates;
  if (first && present.length === 0 && found.length === 1) return first;
  for (const candidate of candidates) {
    const range = rangeOf(text, candidate, versions);
    if (range !== null) return range;
  }
  const begun = candidates.find(({ start, end }) => {
    const held = text.slice(start, end);
    return isBegun(held, versions) || isOnTheWay(held, versions);
  });
  if (begun) return begun;
  throw new Refusal('version-not-present', {
    path,
    line,
    found,
    ...(present[0] === undefined ? {} : { present: present[0] }),
  });
}

/** The ranges that hold the present version, or the next one as it is worked on, with or without `v`. */
export function presentOf(
  text: string,
  ranges: readonly TextRange[],
  versions: KnownVersions,
): readonly TextRange[] {
  return ranges.flatMap((whole) => {
    const range = { ...whole, start: whole.start + (text[whole.start] === 'v' ? 1 : 0) };
    return (
      rangeOf(text, range, versions) ?? (isBegun(text.slice(range.start, range.end), versions) ? range : [])
    );
  });
}

/** Whether a text is a version that is worked on, from the last release up to the next one. */
export function isOnTheWay(held: string, { present: [last], next }: KnownVersions): boolean {
  const [, begun] = UNDER_WORK.exec(held) ?? [];
  if (begun === undefined || last === undefined) return false;
  return compareVersions(begun, last) >= 0 && compareVersions(begun, next) <= 0;
}

/** Whether a text is one of the versions, as it is worked on. */
function isBegun(held: string, { present, next }: KnownVersions): boolean {
  return [...present, next].includes(UNDER_WORK.exec(held)?.[1] ?? '');
}

/** Whether a text is a version that is worked on, such as `1.3.0-SNAPSHOT`. */
export function isUnderWork(held: string): boolean {
  return UNDER_WORK.test(held);
}

/** The range when it holds one of the versions; also without a suffix that is no prerelease, `1.2.0-alpine`. */
function rangeOf(text: string, range: TextRange, { present, next }: KnownVersions): TextRange | null {
  const held = text.slice(range.start, range.end);
  const versions = [...present, next];
  if (versions.includes(held)) return range;
  const core = /^(\d+\.\d+\.\d+)-[a-z]+(?:[-.][a-z][a-z0-9]*)*\d*$/i.exec(held)?.[1] ?? '';
  const isRange = versions.includes(core) && !PRERELEASE.test(held);
  return isRange ? { start: range.start, end: range.start + core.length } : null;
}

/** The version of a place, when only one can be meant. */
export function versionAt(text: string, { candidates }: CheckedPlace): string | null {
  const [only, ...others] = candidates;
  const held = only === undefined || others.length > 0 ? '' : text.slice(only.start, only.end);
  return versionKey(held) === null ? null : held;
}

function count(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
