import { PERCENTILES } from '../../../domain/judge/sample.ts';
import { type CountReading, gaugeReading, type Readings, type Values } from '../readings.ts';
import type { Numbers } from './answer.ts';
import type { HttpJsonSettings } from './settings.ts';

/** Numbers of one time each, which are counts of that time. */
export interface TimedNumbers {
  /** End of the time, ms since the epoch. */
  readonly at: number;
  readonly numbers: Numbers;
}

/** What the judge can use of them. A count without its bad ones, where those are asked for, is missing. */
export function readingsOf(all: readonly TimedNumbers[], settings: HttpJsonSettings): Readings {
  const unitMs = settings['latency-unit'] === 's' ? 1_000 : 1;
  const of = (name: string, factor = 1): Values =>
    new Map(
      all.flatMap(({ at, numbers }): [number, number][] =>
        numbers[name] === undefined ? [] : [[at, numbers[name] * factor]],
      ),
    );
  const pair = (total: string, bad: string): CountReading => {
    const [totals, bads] = [of(total), of(bad)];
    return { total: new Map([...totals].filter(([at]) => bads.has(at))), bad: bads };
  };
  const { counts, errors } = settings;
  return {
    requests: errors === undefined ? { total: of('total'), bad: null } : pair('total', 'errors'),
    counts: Object.fromEntries(
      Object.entries(counts).map(([name, count]) => [
        name,
        count.value === undefined
          ? pair(`total of ${name}`, `bad of ${name}`)
          : gaugeReading(of(`value of ${name}`), count),
      ]),
    ),
    percentiles: Object.fromEntries(PERCENTILES.map((name) => [name, of(`latency ${name}`, unitMs)])),
  };
}
