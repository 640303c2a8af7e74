import { PERCENTILES, type Percentiles } from '../../domain/judge/sample.ts';
import type { CountSetting } from './names.ts';
import { type CountReading, gaugeReading, type Readings, type Values } from './readings.ts';

/** What is asked for of a source that keeps series of values, in its own queries. */
export interface SeriesQueries<Q> {
  /** Absent where it gives no error rate. */
  readonly total?: Q | undefined;
  readonly errors?: Q | undefined;
  readonly latency?: { readonly [P in keyof Percentiles]?: Q | undefined } | undefined;
  readonly counts: Readonly<Record<string, CountSetting<Q>>>;
}

/** All queries by what they are for: `total`, `errors`, `latency p95`, `bad of failed jobs`. */
export function queriesByName<Q>({
  total,
  errors,
  latency = {},
  counts,
}: SeriesQueries<Q>): Readonly<Record<string, Q>> {
  const all: [string, Q | undefined][] = [
    ['total', total],
    ['errors', errors],
    ...PERCENTILES.map((name): [string, Q | undefined] => [`latency ${name}`, latency[name]]),
    ...Object.entries(counts).flatMap(([name, count]): [string, Q | undefined][] => [
      [`total of ${name}`, count.total],
      [`bad of ${name}`, count.bad],
      [`value of ${name}`, count.value],
    ]),
  ];
  return Object.fromEntries(all.filter((one): one is [string, Q] => one[1] !== undefined));
}

/** Two series as one count. */
type Pair = (total: Values, bad: Values) => CountReading;

/** What was found for such queries, by the same names, as the judge takes it; `unitMs`: of latency. */
export function readingsByName(
  found: (name: string) => Values,
  { total, errors, counts }: SeriesQueries<unknown>,
  unitMs: number,
  pair: Pair = (all, bad) => ({ total: all, bad }),
): Readings {
  const requests =
    errors === undefined ? { total: found('total'), bad: null } : pair(found('total'), found('errors'));
  const reading = ([name, count]: [string, CountSetting<unknown>]): [string, CountReading] => [
    name,
    count.value === undefined
      ? pair(found(`total of ${name}`), found(`bad of ${name}`))
      : gaugeReading(found(`value of ${name}`), count),
  ];
  const latency = (name: string): Values =>
    new Map([...found(`latency ${name}`)].map(([at, value]) => [at, value * unitMs]));
  return {
    requests: total === undefined ? null : requests,
    counts: Object.fromEntries(Object.entries(counts).map(reading)),
    percentiles: Object.fromEntries(PERCENTILES.map((name) => [name, latency(name)])),
  };
}
