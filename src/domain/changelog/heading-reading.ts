import { exactVersion, versionKey } from '../release/version-key.ts';
import { findDate } from './dates.ts';

/** What a heading of a changelog names. */
export type HeadingReading =
  /** What is not released yet; `version` where it says which one it will become (`1.3.0 (unreleased)`). */
  | {
      readonly kind: 'unreleased';
      readonly version: string | null;
      /** That version as it stands there: `1.3.0-dev`. */
      readonly written: string | null;
      /** By a word such as Next or Main, which may be a title too. */
      readonly isPlain: boolean;
    }
  | {
      readonly kind: 'version';
      /** As it is written, without `v`. */
      readonly version: string;
      /** `sure`: the version and at most a date; `worded`: with other words; `named`: below a name of several words. */
      readonly certainty: 'sure' | 'worded' | 'named';
      /** Has a date, brackets or a link: no doubt that it is a release. */
      readonly isMarked: boolean;
    }
  /** `1.x`: what stands below it are its versions. */
  | { readonly kind: 'series'; readonly version: string }
  | { readonly kind: 'date' };

const LONGEST = 400;

/** A version as people write it, with two to four numbers. */
export const WRITTEN_VERSION = String.raw`(?<![\d.])\d+(?:\.\d+){1,3}(?:[.]?(?:a|b|c|rc|alpha|beta|post|dev|final|release|ga)\.?\d*(?![0-9A-Za-z]))?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;

/** `2022-xx-xx`, `YYYY-MM-DD`, `????-??-??`, `Month Day, Year`: a day that is not known yet. */
const OPEN_DATE = String.raw`(?:[\dx?_y#.]{4}[-/. ](?:[x?_#m.]{2,3}|\d\d)[-/. ][x?_#d.]{2,3}|[x?_y#]{4}|20[x?_]{2}[-/.\dx?_]*|month \w+,? year|dd[-/. ]mm[-/. ]yyyy|release ?date|date)`;
const OPEN_WORD = `(?:unreleased|un-released|unpublished|(?:not|never) (?:yet )?(?:released|published)(?: yet)?|to be (?:released|determined|announced|defined|published)|tb[adr]|wip|work[ -]in[ -]progress|(?:in|under) (?:active )?(?:development|progress|work)|upcoming|forthcoming|planned|pending|coming soon|dev(?:elopment|el|elop)?|snapshot|draft|next|future|main|master|head|trunk|edge|nightly|unstable|work)`;
/** Names that stand for what is not released, at the beginning of a heading. */
const PLAIN_NAME = String.raw`(?:${OPEN_WORD}|vnext|latest (?:changes|master|main)|current (?:master|main|development|dev|head)|changes (?:in|on) (?:master|main|head|trunk|develop(?:ment)?|next)|changes since .{1,40}|[vx]?[x#]\.[y#x]\.[z#x]|v?\d+\.x(?:\.x)? (?=.*unreleased))`;
const FILLER = String.raw`(?:the|our|a|release[sd]?|versions?|changes?|changelog|notes?|branch|work|major|minor|patch|fix(?:es)?|and|or|on|in|of|for|since|yet|will be|${OPEN_WORD}|${OPEN_DATE}|[vx]?[x#]\.[y#x]\.[z#x])`;

const STRONG = /\b(?:unreleased|un-released|unpublished|(?:not|never) (?:yet )?released|to be released)\b/i;
const PLAIN = new RegExp(String.raw`^(?:the )?${PLAIN_NAME}(?![\p{L}\p{N}])`, 'iu');
const OPEN_WORDS = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${OPEN_DATE}|${OPEN_WORD}|${FILLER})(?![\p{L}\p{N}])`,
  'giu',
);
const HAS_OPEN = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${OPEN_DATE}|${OPEN_WORD})(?![\p{L}\p{N}])`, 'iu');
/** `1.1.0-dev`, `1.1.0-SNAPSHOT`, `1.1.0.dev0`: what is worked on; `1.1.0-dev.3` is a release of it. */
const OPEN_VERSION =
  /(?:[-.+](?:dev|snapshot|unreleased|next|wip|master|main|head|pre|alpha\.?dev)|\.dev\d*)$/i;

const RELEASE_WORD = String.raw`(?:versions?|ver\.?|releases?|release notes(?: (?:for|of))?|rel\.?|changes (?:in|for|to)|what['’]?s new in|new in|changelog (?:for|of)|tag|in)`;
const START = new RegExp(
  String.raw`^(?<prefix>(?:${RELEASE_WORD}[\s:#.–—-]{0,3}v?\.?)|v\.? ?|[^\s\d[\]]*|(?:[\p{L}\p{N}._@/&+-]+\s){1,4}(?:${RELEASE_WORD} )?v?)` +
    String.raw`(?<version>${WRITTEN_VERSION})(?<rest>(?![\w]|\.\d).*)$`,
  'iu',
);
const SINGLE = new RegExp(
  String.raw`^(?:${RELEASE_WORD} |v)v?(?<version>\d{1,4})(?<rest>(?![\w.]).*)$`,
  'iu',
);
const SERIES =
  /^(?:version |release |v)?v?(\d+(?:\.\d+)?)(?:\.[x*])(?:\.[x*])?(?: (?:series|releases?|versions?|branch|line))?[:.]?$/i;
/** What may stand beside a version and its date, and says nothing of what changed. */
const KNOWN = String.raw`(?:released?|release date|date|on|at|yanked|stable|current|lts|latest|final|beta|alpha|rc|diff|compare|changes|changelog|security|pre-?release|deprecated|revoked|withdrawn|recalled|hotfix|patch|major|minor|maintenance|first|initial(?: public)?|public|version|tag|code|@[\w-]+|git|npm|docs?)`;
const KNOWN_WORDS = new RegExp(String.raw`(?<![\p{L}\p{N}])${KNOWN}(?![\p{L}\p{N}])`, 'giu');

/** A version on its own that is named otherwise: `1.1.0 (unreleased)`. */
const NAMED = new RegExp(String.raw`^(?:${RELEASE_WORD}\s+|[^\s\d]{0,30}?)v?(${WRITTEN_VERSION})(.*)$`, 'iu');
const VERSION = new RegExp(WRITTEN_VERSION);
const ONE_NAME = new RegExp(String.raw`^${RELEASE_WORD}\W*v?\W*$`, 'i');
/** How most are written; read at once, as a long changelog has thousands of them. */
const USUAL = /^(\[?)v?(\d+\.\d+\.\d+)\]?(?: - (\d{4}-\d\d-\d\d))?$/;
const USUAL_OPEN = /^(?:\[unreleased\]|unreleased)$/i;
/** Headings of Keep a Changelog that name no release. */
const USUAL_NAMES = /^(?:changelog|added|changed|deprecated|removed|fixed|security)$/i;

/** Reads what a heading names, without its marks; null when it names no release. */
export function readHeading(raw: string): HeadingReading | null {
  // A title over several lines is a paragraph that somebody underlined.
  if (raw === '' || raw.length > LONGEST || raw.includes('\n')) return null;
  const usual = USUAL.exec(raw);
  if (usual && !/^\d{1,2}\.\d{1,2}\.\d{4}$/.test(raw)) {
    const [, bracket = '', version = '', day] = usual;
    return { kind: 'version', version, certainty: 'sure', isMarked: bracket !== '' || day !== undefined };
  }
  if (USUAL_OPEN.test(raw)) return { kind: 'unreleased', version: null, written: null, isPlain: false };
  if (USUAL_NAMES.test(raw)) return null;
  const plain = plainHeading(raw);
  if (plain === '') return null;
  const unreleased = readUnreleased(plain);
  // Whatever else it may be has a number in it.
  if (unreleased || !/\d/.test(plain)) return unreleased;
  const date = findDate(plain);
  // `2026.10.1` is rather a version by the calendar.
  const isCalendar = /^\d{4}\.\d/.test(plain);
  if (date?.start === 0 && !isCalendar && isOnly(plain.slice(date.end), KNOWN_WORDS)) return { kind: 'date' };
  const series = SERIES.exec(plain)?.[1];
  if (series !== undefined) return { kind: 'series', version: series };
  // The date may come first: `2026-10-01, Version 1.2.0`.
  const later = date?.start === 0 ? plain.slice(date.end).replace(/^[^\p{L}\p{N}]+/u, '') : '';
  return (later === '' ? null : readVersion(later, true, raw)) ?? readVersion(plain, false, raw);
}

function readVersion(text: string, hasDate: boolean, raw: string): HeadingReading | null {
  const found = START.exec(text)?.groups ?? SINGLE.exec(text)?.groups;
  if (!found) return null;
  const { prefix = '', version = '', rest = '' } = found;
  const date = findDate(rest);
  const words = date ? rest.slice(0, date.start) + rest.slice(date.end) : rest;
  const isSure = isOnly(words, KNOWN_WORDS);
  // With two numbers, words around it may make it anything.
  if (!isSure && exactVersion(version) === null) return null;
  const isOneName = !/\s/.test(prefix) || /^v\W*$/i.test(prefix) || ONE_NAME.test(prefix);
  const certainty = !isSure ? 'worded' : isOneName ? 'sure' : 'named';
  const isMarked = hasDate || date !== null || /^\W*\[/.test(raw);
  return { kind: 'version', version, certainty, isMarked };
}

function readUnreleased(plain: string): HeadingReading | null {
  const [, version, rest = ''] = (/\d/.test(plain) && NAMED.exec(plain)) || [];
  if (version === undefined) {
    if (/^unreleased\b/i.test(plain)) {
      const named = VERSION.exec(plain)?.[0] ?? null;
      return { kind: 'unreleased', version: named, written: named, isPlain: false };
    }
    const start = PLAIN.exec(plain)?.[0];
    return start !== undefined && isOnly(plain.slice(start.length), OPEN_WORDS)
      ? { kind: 'unreleased', version: null, written: null, isPlain: !STRONG.test(plain) }
      : null;
  }
  const named = version.replace(OPEN_VERSION, '');
  if (named !== version && isOnly(rest.replace(HAS_OPEN, ''), KNOWN_WORDS)) {
    return { kind: 'unreleased', version: named, written: version, isPlain: false };
  }
  const isOpen = (HAS_OPEN.test(rest) && isOnly(rest, OPEN_WORDS)) || STRONG.test(rest);
  return isOpen ? { kind: 'unreleased', version: named, written: version, isPlain: false } : null;
}

/** Whether a text is punctuation and such words. Words are taken out once, so that it takes no longer for many. */
export function isOnly(text: string, words: RegExp): boolean {
  return !/[\p{L}\p{N}]/u.test(text.replace(words, ''));
}

/** The words of a heading as people see them, without what stands before the first of them. */
export function plainHeading(raw: string): string {
  return raw
    .slice(0, LONGEST)
    .replace(/<!--.*?-->|<(?:https?:[^<>]*|\/?\w[^<>]*)>_?/g, ' ')
    .replace(/!\[[^\]]*\]\([^)]*\)/g, ' ')
    .replace(/\[([^[\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])?/g, '$1')
    .replace(/:\w+:(?=`)/g, '')
    .replace(/`_{1,2}(?!\w)|[*`~]+|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replace(/\\(?=[^\w\s])/g, '')
    .replace(/\s+/g, ' ')
    .replace(/^(?:\s?:[\w+-]{1,40}:)+/, '')
    .replace(/^[^\p{L}\p{N}@#?]+/u, '')
    .trim();
}

/** The version as semver reads it: `1.2` is 1.2.0, `2026.05.1` is 2026.5.1; null for what it cannot read. */
export function comparable(written: string): string | null {
  return versionKey(/^\d+$/.test(written) ? `${written}.0` : written);
}
