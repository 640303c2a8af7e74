import type { Series } from './series.ts';

/** Times `fromMs`, `fromMs + stepMs`, … up to `toMs`; ms since the epoch. */
export interface Times {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Servers that keep times in seconds round them. */
const ROUNDING_MS = 999;
/** Servers refuse to answer with more values of a series, 11,000 by default. */
const MOST_VALUES = 10_000;

/** Whether the values are of other times than those that were asked for: some servers move them to multiples of the step. */
export function isMoved(series: readonly Series[], times: Times): boolean {
  const all = series.flatMap(({ values, histograms }) => [...values.keys(), ...(histograms?.keys() ?? [])]);
  const within = all.filter((at) => at > times.fromMs - times.stepMs && at <= times.toMs);
  const isMeant = (at: number) => placeOf(at, times, times.stepMs) !== null;
  return within.length > 0 && !all.some(isMeant);
}

/**
 * Times that such a server leaves as they are, and among which is one for each that is wanted: earlier by less than
 * `withinMs`, and by equally much for all of them, so that windows still meet.
 */
export function unmovedTimes({ fromMs, toMs, stepMs }: Times, withinMs: number): Times {
  const fewest = (toMs - fromMs) / MOST_VALUES;
  const parts = Math.max(1, Math.floor(stepMs / Math.max(1, fewest)));
  let part = Math.min(parts, Math.ceil(stepMs / withinMs));
  while (part < parts && stepMs % part !== 0) part++;
  while (stepMs % part !== 0) part--;
  const fine = stepMs / part;
  return { fromMs: Math.floor(fromMs / fine) * fine, toMs: Math.floor(toMs / fine) * fine, stepMs: fine };
}

/** The values that were asked for at `asked`, by the times that were wanted; the others are left out. */
export function placed(series: readonly Series[], wanted: Times, asked: Times): readonly Series[] {
  const times = { ...wanted, fromMs: asked.fromMs, toMs: asked.toMs };
  const earlier = wanted.fromMs - asked.fromMs;
  const moved = <T>(values: ReadonlyMap<number, T>): ReadonlyMap<number, T> =>
    new Map(
      [...values].flatMap(([at, value]) => {
        const place = placeOf(at, times, asked.stepMs);
        return place === null ? [] : [[place + earlier, value] as const];
      }),
    );
  return series.map(({ labels, values, histograms }) => ({
    labels,
    values: moved(values),
    ...(histograms === undefined ? {} : { histograms: moved(histograms) }),
  }));
}

/** The time that was asked for and is meant by `at`; null where there is none. `apartMs`: how far apart answers are. */
function placeOf(at: number, { fromMs, toMs, stepMs }: Times, apartMs: number): number | null {
  const place = fromMs + Math.round((at - fromMs) / stepMs) * stepMs;
  const isMeant = Math.abs(at - place) <= Math.min(ROUNDING_MS, (apartMs - 1) / 2);
  return isMeant && place >= fromMs && place <= toMs ? place : null;
}
