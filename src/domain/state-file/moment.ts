import { MONTHS } from '../text/calendar.ts';

/** When something was, as far as a text says it: ms since the epoch, both ends included. */
export interface Moment {
  readonly from: number;
  readonly to: number;
}

const DAY = 86_400_000;
/** No clock differs more from UTC. */
const FARTHEST_ZONE = 14 * 3_600_000;
const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
const CLOCK = /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([ap]m)?\s*(z|utc|gmt|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Reads a time as tools and people write it: ISO 8601 in its forms, what `date` prints, seconds or milliseconds since
 * the epoch, `19.11.2026`, `11/19/2026`, `Nov 19, 2026`. Without a zone it is UTC. A date without a time is that whole
 * day, and a date whose day and month could be either is the span of both. Null when it is no time.
 */
export function momentOf(text: string): Moment | null {
  const words = text.trim().toLowerCase().slice(0, 64);
  if (/^\d{10}(\.\d+)?$/.test(words)) return at(Number(words) * 1000);
  if (/^\d{13}$/.test(words)) return at(Number(words));
  const compact = /^(\d{4})(\d\d)(\d\d)(?:t(\d\d)(\d\d)(\d\d)?(z|[+-]\d{4})?)?$/.exec(words);
  if (compact) {
    const [, year = '', month = '', day = '', hour, minute, second = '00', zone = 'z'] = compact;
    const clock = hour === undefined ? '' : `${hour}:${minute}:${second}${zone}`;
    return whole([[Number(year), Number(month), Number(day)]], clock);
  }
  return isoMoment(words) ?? spokenMoment(words) ?? numberedMoment(words);
}

/** Whether `late` was surely after `early`. */
export function isAfter(late: Moment | null, early: Moment | null): boolean {
  return late !== null && early !== null && late.from > early.to;
}

/** The same for texts, where one of them names its zone and the other may be of any. */
export function isAfterInAnyZone(late: string, early: string): boolean {
  const [lateZone, earlyZone] = [late, early].map(namesZone);
  const [from, to] = [momentOf(late)?.from, momentOf(early)?.to];
  if (from === undefined || to === undefined) return false;
  return from - (lateZone === earlyZone ? 0 : FARTHEST_ZONE) > to;
}

function namesZone(text: string): boolean {
  return /^\d{10}(?:\.\d+)?$|^\d{13}$|(?:\d:\d\d|t\d{4}).*(?:z|utc|gmt|[+-]\d\d)/i.test(
    text.trim().slice(0, 64),
  );
}

/** `2026-11-19`, `2026/11/19 14:00`, `2026-11-19T14:00:00.5+01:00`. */
function isoMoment(words: string): Moment | null {
  const found = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[t\s]+(.+))?$/.exec(words);
  if (!found) return null;
  const [, year = '', month = '', day = '', clock = ''] = found;
  return whole([[Number(year), Number(month), Number(day)]], clock);
}

/** `19.11.2026 14:00`, `11/19/2026`. */
function numberedMoment(words: string): Moment | null {
  const found = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[t,\s]+(.+))?$/.exec(words);
  if (!found) return null;
  const [, first = '', mark = '', second = '', year = '', clock = ''] = found;
  const dayFirst = [Number(year), Number(second), Number(first)] as const;
  const monthFirst = [Number(year), Number(first), Number(second)] as const;
  return whole(mark === '.' ? [dayFirst] : [dayFirst, monthFirst], clock);
}

/** `nov 19, 2026 14:00`, `19 november 2026`, `thu nov 19 14:00:00 utc 2026`. */
function spokenMoment(words: string): Moment | null {
  const parts = words.replace(/^[a-z]{3,9},?\s+(?=[a-z]|\d)/, (day) => (isWeekday(day) ? '' : day));
  const month = SHORT_MONTHS.findIndex((name) => new RegExp(`\\b${name}[a-z]{0,6}\\b`).test(parts)) + 1;
  if (month === 0) return null;
  const year = /\b(?:19|20)\d\d\b/.exec(parts)?.[0];
  const day = /(?:^|\s)(\d{1,2})(?:st|nd|rd|th)?(?=[\s,.]|$)/.exec(parts)?.[1];
  if (year === undefined || day === undefined) return null;
  const clock = /\d{1,2}:\d\d.*/.exec(parts)?.[0]?.replace(/\b(?:19|20)\d\d\b/, '') ?? '';
  return whole([[Number(year), month, Number(day)]], clock.replaceAll(/\s+/g, ' ').trim());
}

function isWeekday(word: string): boolean {
  return /^(?:mon|tue|wed|thu|fri|sat|sun)/.test(word);
}

/** The span of the days that exist among these, or of the one second that the clock tells on them. */
function whole(days: readonly (readonly [number, number, number])[], clock: string): Moment | null {
  const starts = days.flatMap(([year, month, day]) => {
    const start = Date.UTC(year, month - 1, day);
    const made = new Date(start);
    return made.getUTCMonth() === month - 1 && made.getUTCDate() === day ? [start] : [];
  });
  const time = clock === '' ? { from: 0, to: DAY - 1 } : clockOf(clock);
  if (starts.length === 0 || time === null) return null;
  return { from: Math.min(...starts) + time.from, to: Math.max(...starts) + time.to };
}

function clockOf(clock: string): Moment | null {
  const found = CLOCK.exec(clock);
  if (!found) return null;
  const [, hours = '', minutes = '', seconds, half, zone = ''] = found;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half === 'pm' ? 12 : 0);
  if (hour > 24 || Number(minutes) > 59 || Number(seconds ?? 0) > 60) return null;
  const signed = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  const offset = signed
    ? (signed[1] === '-' ? -1 : 1) * (Number(signed[2]) * 60 + Number(signed[3] ?? 0)) * 60_000
    : 0;
  const from = (hour * 60 + Number(minutes)) * 60_000 + Number(seconds ?? 0) * 1000 - offset;
  return { from, to: from + (seconds === undefined ? 59_999 : 0) };
}

function at(time: number): Moment {
  return { from: time, to: time };
}
