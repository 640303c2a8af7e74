import { firstMoment, isZone, lastMoment, type WallTime, wallTime } from '../policy/wall-clock.ts';
import { Refusal } from '../refusals/refusal.ts';
import { MONTHS, WEEKDAYS } from '../text/calendar.ts';
import { parseSpokenDuration } from '../text/duration.ts';
import { nearest } from '../text/nearest.ts';

/** When something is to begin. */
export type PlannedTime =
  /** ms since the epoch */
  | { readonly kind: 'at'; readonly at: number }
  /** As soon as no freeze is in force. */
  | { readonly kind: 'after-freeze' };

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Nobody knows today what is to be shipped later than that, ms. */
const FARTHEST_MS = 60 * DAY_MS;
/** Nobody writes more. */
const MOST_WORDS = 8;
const MOST_CHARS = 40;

const SMALL_WORDS = ['at', 'on', 'the'];
const KNOWN = ['today', 'tomorrow', 'after', 'freeze', 'in', 'noon', ...WEEKDAYS, ...MONTHS];

interface Clock {
  /** ms since the epoch */
  readonly now: number;
  /** IANA zone in which days and times are meant. */
  readonly zone: string;
}

/** A day as wall time at its midnight. */
type Day = WallTime;

/** Whether a time may begin with this word; for a line in which the service is left out. */
export function beginsMoment(word: string): boolean {
  const plain = word.toLowerCase();
  return (
    ['today', 'tomorrow', 'after', 'in', 'at', 'on', 'noon'].includes(plain) ||
    namedIn(plain, WEEKDAYS) !== null ||
    namedIn(plain, MONTHS) !== null ||
    /^\d/.test(plain)
  );
}

/**
 * A time as people write it: `tomorrow 9:00`, `monday 14:30`, `2026-12-24 9am`, `24 dec 9:00`, `in 2h`, `after the freeze`.
 * What could mean two things is not guessed. `names`: what else the words could be typing errors of. Refusals:
 * `time-missing`, `time-unclear`, `time-of-day-missing`, `time-past`, `time-too-far`, `time-skipped`, `time-twice`.
 */
export function momentOf(given: readonly string[], clock: Clock, names: readonly string[] = []): PlannedTime {
  if (given.length === 0) throw new Refusal('time-missing');
  const text = given.join(' ').slice(0, 80);
  if (given.length > MOST_WORDS || given.some((word) => word.length > MOST_CHARS))
    throw new Refusal('time-unclear', { given: text });
  const words = given.map((word) => word.toLowerCase().replace(/[,;.!?]$/, '')).filter((word) => word !== '');
  if (/^after (?:the )?freeze$/.test(words.join(' '))) return { kind: 'after-freeze' };
  if (words[0] === 'in') return { kind: 'at', at: inWhile(words.slice(1), clock, text) };
  return {
    kind: 'at',
    at: onDay(
      words.filter((word) => !SMALL_WORDS.includes(word)),
      clock,
      text,
      names,
    ),
  };
}

function inWhile(words: readonly string[], { now }: Clock, given: string): number {
  const ms = parseSpokenDuration(words.join(' '));
  if (ms === null) throw new Refusal('time-unclear', { given });
  return within(now + ms, now, given);
}

function onDay(
  words: readonly string[],
  { now, zone }: Clock,
  given: string,
  names: readonly string[],
): number {
  const here = wallTime(zone, now);
  const today = here - (((here % DAY_MS) + DAY_MS) % DAY_MS);
  const minutes = words.map(minutesIn);
  const [time, second] = minutes.flatMap((found, index) => (found === null ? [] : [{ found, index }]));
  const rest = words.filter((_word, index) => index !== time?.index);
  const day = rest.length === 0 ? null : dayIn(rest, today);
  if (second !== undefined || (rest.length > 0 && day === null)) {
    const unknown = rest.find((word) => !beginsMoment(word) && !KNOWN.includes(word)) ?? '';
    const suggestion = unknown === '' ? null : nearest(unknown, [...names, ...KNOWN]);
    throw new Refusal('time-unclear', { given, ...(suggestion ? { suggestion } : {}) });
  }
  if (time === undefined) throw new Refusal('time-of-day-missing', { given });
  // A weekday that is today is meant for next week once its time is over.
  const isOver = day?.isWeekday === true && day.at + time.found * MINUTE_MS <= here;
  const wall = (day?.at ?? today) + (isOver ? 7 * DAY_MS : 0) + time.found * MINUTE_MS;
  const at = firstMoment(zone, wall);
  if (wallTime(zone, at) !== wall) throw new Refusal('time-skipped', { given, zone });
  if (lastMoment(zone, wall) !== at) throw new Refusal('time-twice', { given, zone });
  return within(at, now, given);
}

function within(at: number, now: number, given: string): number {
  if (at <= now) throw new Refusal('time-past', { given });
  if (at - now > FARTHEST_MS) throw new Refusal('time-too-far', { given, days: FARTHEST_MS / DAY_MS });
  return at;
}

/** `9:00`, `09:30`, `9am`, `9:30pm`, `noon` → minutes since midnight; null for anything else. */
function minutesIn(word: string): number | null {
  if (word === 'noon') return 12 * 60;
  const [, hour, minute = '00', half] = /^(\d{1,2})(?::(\d{2}))?(am|pm)?$/.exec(word) ?? [];
  if (hour === undefined || (half === undefined && !word.includes(':'))) return null;
  const [hours, minutes] = [Number(hour), Number(minute)];
  if (minutes > 59) return null;
  if (half === undefined) return hours > 23 ? null : hours * 60 + minutes;
  if (hours < 1 || hours > 12) return null;
  return ((hours % 12) + (half === 'pm' ? 12 : 0)) * 60 + minutes;
}

function dayIn(
  words: readonly string[],
  today: Day,
): { readonly at: Day; readonly isWeekday: boolean } | null {
  const [first = '', second = '', ...more] = words;
  if (more.length > 0) return null;
  if (second !== '') return dateIn(first, second, today);
  if (first === 'today') return { at: today, isWeekday: false };
  if (first === 'tomorrow') return { at: today + DAY_MS, isWeekday: false };
  const weekday = namedIn(first, WEEKDAYS);
  if (weekday !== null) {
    const days = (weekday - new Date(today).getUTCDay() + 7) % 7;
    return { at: today + days * DAY_MS, isWeekday: true };
  }
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(first) ?? [];
  return year === undefined ? null : dateOf(Number(year), Number(month) - 1, Number(day));
}

/** `24 dec` or `dec 24`: the next such day. */
function dateIn(first: string, second: string, today: Day) {
  const [number, name] = /^\d/.test(first) ? [first, second] : [second, first];
  const month = namedIn(name, MONTHS);
  const [, digits] = /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(number) ?? [];
  if (month === null || digits === undefined) return null;
  const year = new Date(today).getUTCFullYear();
  const date = dateOf(year, month, Number(digits));
  return date !== null && date.at < today ? dateOf(year + 1, month, Number(digits)) : date;
}

/** Null for a day that the calendar does not have. */
function dateOf(year: number, month: number, day: number) {
  const at = Date.UTC(year, month, day);
  const date = new Date(at);
  return date.getUTCMonth() === month && date.getUTCDate() === day ? { at, isWeekday: false } : null;
}

/** By its whole name or the first three letters of it, `tues` and `thurs` too. */
function namedIn(word: string, names: readonly string[]): number | null {
  if (!/^[a-z]{3,9}$/.test(word)) return null;
  const found = names.findIndex(
    (name) =>
      name === word ||
      name.slice(0, 3) === word ||
      (/^(tues|thurs?|sept)$/.test(word) && name.startsWith(word)),
  );
  return found < 0 ? null : found;
}

/** The first of the zones that is one; UTC where none is. */
export function zoneAmong(...zones: readonly (string | undefined)[]): string {
  return zones.find((zone) => zone !== undefined && isZone(zone)) ?? 'UTC';
}
