import type { CountReading, Readings, Values } from '../readings.ts';
import { readingsByName } from '../series-queries.ts';
import type { Numbers } from './answer.ts';
import type { HttpJsonSettings } from './settings.ts';

/** Numbers of one time each, which are counts of that time. */
export interface TimedNumbers {
  /** End of the time, ms since the epoch. */
  readonly at: number;
  readonly numbers: Numbers;
}

/** What the judge can use of them. */
export function readingsOf(all: readonly TimedNumbers[], settings: HttpJsonSettings): Readings {
  const found = (name: string): Values =>
    new Map(
      all.flatMap(({ at, numbers }): [number, number][] =>
        numbers[name] === undefined ? [] : [[at, numbers[name]]],
      ),
    );
  return readingsByName(found, settings, settings['latency-unit'] === 's' ? 1_000 : 1, bothThere);
}

/** A count without its bad ones, where those are asked for, is missing. */
function bothThere(total: Values, bad: Values): CountReading {
  return { total: new Map([...total].filter(([at]) => bad.has(at))), bad };
}
