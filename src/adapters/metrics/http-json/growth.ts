import type { Numbers } from './answer.ts';
import type { TimedNumbers } from './readings-of.ts';

/** Counters that begin anew again so soon are those of several instances: one answers, then another. */
const CALM_READINGS = 5;

/** Numbers that are taken as they are; all others are counters. */
const isGauge = (name: string) => name.startsWith('latency ') || name.startsWith('value of ');
/** The counter that a counter is a part of. */
const wholeOf = (name: string) => (name === 'errors' ? 'total' : name.replace(/^bad of /, 'total of '));

/**
 * How much counters grew between readings that follow each other, by the time of the later one. A total that falls has
 * begun anew, as it does with a new release: it counts with all that it has since. One that falls while its whole grows
 * makes no sense, and neither do totals that keep falling: there nothing is known. Readings that are further apart than
 * `mostMs` are not compared.
 */
export function growthOf(readings: readonly TimedNumbers[], mostMs: number): readonly TimedNumbers[] {
  const lastFall = new Map<string, number>();
  return readings.flatMap(({ at, numbers }, index): TimedNumbers[] => {
    const before = readings[index - 1];
    const isNear = before !== undefined && at - before.at <= mostMs;
    const grown: Record<string, number> = {};
    for (const [name, value] of Object.entries(numbers)) {
      if (isGauge(name)) grown[name] = value;
      else if (isNear) {
        const growth = growthIn(name, before.numbers, numbers, (whole) => {
          const last = lastFall.get(whole) ?? Number.NEGATIVE_INFINITY;
          if (name === whole) lastFall.set(whole, index);
          return index - last > CALM_READINGS || last === index;
        });
        if (growth !== null) grown[name] = growth;
      }
    }
    return [{ at, numbers: grown }];
  });
}

function growthIn(
  name: string,
  before: Numbers,
  now: Numbers,
  believes: (whole: string) => boolean,
): number | null {
  const whole = wholeOf(name);
  const [was, is, wholeWas, wholeIs] = [before[name], now[name], before[whole], now[whole]];
  if (is === undefined || wholeIs === undefined || wholeWas === undefined) return null;
  if (wholeIs < wholeWas) return believes(whole) ? is : null;
  return was === undefined || is < was ? null : is - was;
}
