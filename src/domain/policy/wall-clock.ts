/**
 * What clocks on the wall of a zone show, as ms "as if the zone were UTC". A wall time may be shown twice (clocks
 * go back) or never (clocks go forward), so the way from a wall time to a moment has two answers; see below.
 */
export type WallTime = number;

const DAY_MS = 86_400_000;
const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Whether this is a zone of the IANA database, by name: `Europe/Berlin`, `UTC`; never `CET` or `+02:00`. */
export function isZone(name: string): boolean {
  if (name !== 'UTC' && !/^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)+$/.test(name)) return false;
  try {
    return formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

export function wallTime(zone: string, at: number): WallTime {
  const parts = formatOf(zone).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value);
  const seconds = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return seconds + (((at % 1_000) + 1_000) % 1_000);
}

/** The first moment at which the clocks show that time; the moment in which they jump over it when they never do. */
export function firstMoment(zone: string, wall: WallTime): number {
  return momentsOf(zone, wall)[0];
}

/** The last moment at which the clocks show that time; the moment in which they jump over it when they never do. */
export function lastMoment(zone: string, wall: WallTime): number {
  return momentsOf(zone, wall)[1];
}

/** A day before and a day after, the offset is what it is on either side of a change of the clocks in between. */
function momentsOf(zone: string, wall: WallTime): readonly [first: number, last: number] {
  const offset = (at: number): number => wallTime(zone, at) - at;
  const before = wall - offset(wall - DAY_MS);
  const after = wall - offset(wall + DAY_MS);
  const isShown = (at: number): boolean => wallTime(zone, at) === wall;
  const shown = [before, after].filter(isShown);
  if (shown.length > 0) return [Math.min(...shown), Math.max(...shown)];
  const jump = whenPassed(zone, wall, Math.min(before, after), Math.max(before, after));
  return [jump, jump];
}

/** The first moment, to the ms, after `from` and up to `to` at which the clocks are past that time. */
function whenPassed(zone: string, wall: WallTime, from: number, to: number): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (wallTime(zone, middle) > wall) high = middle;
    else low = middle;
  }
  return high;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  const fresh = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  FORMATS.set(zone, fresh);
  return fresh;
}
