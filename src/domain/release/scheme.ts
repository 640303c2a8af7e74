import { inc, parse } from 'semver';
import { byVersion, exactVersion, versionKey } from './version-key.ts';

type Step = 'major' | 'minor' | 'patch';

/** How the versions of a service are written and follow each other. */
export interface VersionScheme {
  /** Whether a text is a version as releases of this service have it. */
  readonly reads: (version: string) => boolean;
  /** The version after this one; `others` are those that were released, `at` is when, in ms since the epoch. */
  readonly next: (version: string, bump: Step, others: readonly string[], at: number) => string;
  /** A version of the scheme for three numbers; null where only a date makes one. */
  readonly written: ((version: string) => string) | null;
  /** Such as it has, for sentences. */
  readonly example: string;
}

/** Names of schemes that are no pattern of the calendar. */
const NAMED = ['semver', 'pep440', 'major.minor'] as const;

/** The scheme of a name or of a pattern of the calendar such as `YYYY.MM.MICRO`. Null: there is none such. */
export function versionScheme(name: string): VersionScheme | null {
  switch (name) {
    case 'semver':
      return { reads: (text) => exactVersion(text) !== null, next: raised, written: core, example: '1.2.3' };
    case 'pep440':
      return { reads: (text) => versionKey(text) !== null, next: raised, written: core, example: '1.2.3' };
    case 'major.minor':
      return {
        reads: (text) => /^\d+\.\d+(?:\.\d+)?(?!\.?\d)/.test(text) && versionKey(text) !== null,
        next: (version, bump) => short(raised(version, bump)),
        written: (version) => short(core(version)),
        example: '1.2',
      };
    default:
      return calendarScheme(name);
  }
}

/** Why a text names no scheme, as what is expected instead; null when it does. */
export function schemeProblem(name: string): string | null {
  if (versionScheme(name) !== null) return null;
  return `one of ${NAMED.join(', ')}, or a calendar such as YYYY.MM.MICRO: numbers out of ${Object.keys(TOKENS).join(', ')} with dots between, a year first`;
}

/** Whether numbers that are read as SemVer are rather dates: the first is a year. */
export function looksLikeCalendar(version: string): boolean {
  const year = parse(version)?.major ?? 0;
  return year >= 2000 && year < 2100;
}

function raised(version: string, bump: Step): string {
  const next = inc(versionKey(version) ?? version, bump);
  if (next === null) throw new RangeError(`not a version: ${version}`);
  return next;
}

/** Without what is behind the three numbers. */
function core(version: string): string {
  const parsed = parse(versionKey(version) ?? version);
  if (parsed === null) throw new RangeError(`not a version: ${version}`);
  return `${parsed.major}.${parsed.minor}.${parsed.patch}`;
}

function short(version: string): string {
  return version.replace(/^(\d+\.\d+)\.0$/, '$1');
}

interface Token {
  readonly pattern: string;
  /** What a day makes of it; absent for numbers that are counted. */
  readonly of?: (day: Date) => string;
}

const two = (value: number) => String(value).padStart(2, '0');
const year = (day: Date) => day.getUTCFullYear();
const month = (day: Date) => day.getUTCMonth() + 1;
const TOKENS: Readonly<Record<string, Token>> = {
  YYYY: { pattern: String.raw`[12]\d{3}`, of: (day) => String(year(day)) },
  YY: { pattern: String.raw`\d{1,3}`, of: (day) => String(year(day) - 2000) },
  '0Y': { pattern: String.raw`\d{2,3}`, of: (day) => two(year(day) - 2000) },
  MM: { pattern: '(?:[1-9]|1[0-2])', of: (day) => String(month(day)) },
  '0M': { pattern: '(?:0[1-9]|1[0-2])', of: (day) => two(month(day)) },
  WW: { pattern: String.raw`(?:[1-9]|[1-4]\d|5[0-3])`, of: (day) => String(week(day)) },
  '0W': { pattern: String.raw`(?:0[1-9]|[1-4]\d|5[0-3])`, of: (day) => two(week(day)) },
  DD: { pattern: String.raw`(?:[1-9]|[12]\d|3[01])`, of: (day) => String(day.getUTCDate()) },
  '0D': { pattern: String.raw`(?:0[1-9]|[12]\d|3[01])`, of: (day) => two(day.getUTCDate()) },
  MINOR: { pattern: String.raw`(?:0|[1-9]\d{0,7})` },
  MICRO: { pattern: String.raw`(?:0|[1-9]\d{0,7})` },
};

/** Of the year, counted from its first day. */
function week(day: Date): number {
  const days =
    (Date.UTC(year(day), day.getUTCMonth(), day.getUTCDate()) - Date.UTC(year(day), 0, 1)) / 86_400_000;
  return Math.floor(days / 7) + 1;
}

/**
 * Versions by the day of the release, in UTC. Numbers that are counted begin anew with each date; where the pattern has
 * none, a second release of the same date has one more number. A day before that of the last release, by a clock or a
 * zone, never makes a lower version.
 */
function calendarScheme(pattern: string): VersionScheme | null {
  const names = pattern.split('.');
  const tokens = names.map((name) => (Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined));
  const known = tokens.filter((token) => token !== undefined);
  const counted = known.findIndex(({ of }) => of === undefined);
  const dated = counted < 0 ? known.length : counted;
  const isOrdered = known.slice(dated).every(({ of }) => of === undefined);
  if (known.length !== names.length || names.length < 2 || names.length > 4) return null;
  if (!/Y$/.test(names[0] ?? '') || !isOrdered || new Set(names).size < names.length) return null;
  const source = known.map((token) => token.pattern).join(String.raw`\.`);
  const exact = new RegExp(`^${source}$`);
  const more = new RegExp(String.raw`^${source}\.[1-9]\d{0,7}$`);
  const isOurs = (text: string) => exact.test(text) || (counted < 0 && more.test(text));
  const example = (day: Date) => known.map(({ of }) => of?.(day) ?? '0').join('.');

  return {
    // What was released before the calendar came is still the last release.
    reads: (text) => isOurs(text) || (exactVersion(text) !== null && !looksLikeCalendar(text)),
    written: null,
    example: example(new Date(Date.UTC(2026, 4, 1))),
    next(version, bump, others, at) {
      const released = byVersion([...others, version].filter(isOurs), (text) => text);
      const last = released[0] ?? null;
      const first = beginOf(released, dated, known.length);
      const date = known.slice(0, dated).map(({ of }) => of?.(new Date(at)) ?? '');
      const fresh = [...date, ...known.slice(dated).map((_token, index) => (index === 0 ? first : '0'))];
      const today = fresh.join('.');
      const [before = [], after = []] = [last?.split('.').slice(0, dated), last?.split('.').slice(dated)];
      const isLater = last === null || compareDates(date, before) > 0;
      return isLater ? today : [...before, ...counting(after, names.slice(dated), bump)].join('.');
    },
  };
}

/** At what the first counted number begins: at 1 where the releases so far have no 0 there. */
function beginOf(released: readonly string[], dated: number, length: number): string {
  const begins = released.map((version) => version.split('.')).filter((parts) => parts.length === length);
  const counts = begins.flatMap((parts) => parts[dated] ?? []);
  return counts.includes('1') && !counts.includes('0') ? '1' : '0';
}

function compareDates(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((part, at) => Number(part) !== Number(b[at] ?? 0));
  return index < 0 ? 0 : Number(a[index]) - Number(b[index] ?? 0);
}

/** The next count of the same date: a feature raises MINOR where there is one, everything else the last number. */
function counting(parts: readonly string[], names: readonly string[], bump: Step): readonly string[] {
  if (names.length === 0) return [String(Number(parts[0] ?? 0) + 1)];
  const minor = names.indexOf('MINOR');
  const at = minor >= 0 && bump !== 'patch' ? minor : names.length - 1;
  return names.map((_name, index) => {
    const value = Number(parts[index] ?? 0);
    return String(index < at ? value : index === at ? value + 1 : 0);
  });
}
