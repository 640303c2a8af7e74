import type { Percentiles, Sample } from '../../domain/judge/sample.ts';
import { type CountSetting, isOver } from './names.ts';
import type { Range } from './port.ts';

/** Values by a time in ms since the epoch. */
export type Values = ReadonlyMap<number, number>;

/** Things that were counted, and the bad ones among them. `bad` null: nobody counts those. */
export interface CountReading {
  readonly total: Values;
  readonly bad: Values | null;
}

/** What was read of a range, all by the end of a bucket. A bucket belongs to the tick in which it ends. */
export interface Readings {
  readonly requests: CountReading | null;
  readonly counts: Readonly<Record<string, CountReading>>;
  readonly percentiles: { readonly [P in keyof Percentiles]?: Values };
}

interface Draft {
  requests?: { total: number; bad: number | null };
  counts: Record<string, { total: number; bad: number }>;
  percentiles: Partial<Record<keyof Percentiles, number>>;
}

/** Estimates of the same counters may differ by so much: what is more is another thing that was counted. */
const ESTIMATE = { ratio: 1.1, count: 2 };

/**
 * The bad ones among so many: a little more than all of them is an estimate, and all of them. Null where both cannot
 * be true.
 */
export function badAmong(total: number, bad: number): number | null {
  if (bad <= total) return bad;
  return bad <= total * ESTIMATE.ratio + ESTIMATE.count && total > 0 ? total : null;
}

/** A count, rounded; null for what is none. A little below zero is an estimate of zero. */
export function countFrom(value: number | undefined): number | null {
  if (value === undefined || !Number.isFinite(value) || value < -0.5) return null;
  return Math.max(0, Math.round(value * 1_000) / 1_000);
}

/** The sums of several series, each of whose values counts once: of two of the same time the last one. */
export function sumOfSeries(series: readonly Values[]): Values {
  const sums = new Map<number, number>();
  for (const values of series) {
    for (const [at, value] of values) sums.set(at, (sums.get(at) ?? 0) + value);
  }
  return sums;
}

/** Readings of a value, once in each bucket, as counts: all that were seen, and those over the limit. */
export function gaugeReading(values: Values, limit: CountSetting<unknown>): CountReading {
  const seen = [...values].filter(([, value]) => Number.isFinite(value));
  return {
    total: new Map(seen.map(([at]) => [at, 1])),
    bad: new Map(seen.map(([at, value]) => [at, isOver(limit, value) ? 1 : 0])),
  };
}

/**
 * One sample for each tick that something is known of. A bucket in which nothing was bad has no bad ones, as long as
 * something was counted; one whose numbers contradict each other is missing. Of two readings of the same time the
 * last counts.
 */
export function samplesOfReadings(
  readings: Readings,
  range: Range,
  phase: Sample['phase'],
): readonly Sample[] {
  const drafts = new Map<number, Draft>();
  const draftAt = (at: number): Draft | null => {
    const tick = Math.ceil((at - range.fromMs) / range.stepMs);
    const end = range.fromMs + tick * range.stepMs;
    if (tick < 1 || end > range.toMs) return null;
    const draft = drafts.get(end) ?? { counts: {}, percentiles: {} };
    drafts.set(end, draft);
    return draft;
  };
  if (readings.requests !== null) addRequests(readings.requests, draftAt);
  for (const [name, reading] of Object.entries(readings.counts)) {
    for (const { at, total, bad } of bucketsOf(reading)) {
      const draft = bad === null ? null : draftAt(at);
      if (draft === null || bad === null) continue;
      const known = draft.counts[name] ?? { total: 0, bad: 0 };
      draft.counts[name] = { total: known.total + total, bad: known.bad + bad };
    }
  }
  for (const [name, values] of Object.entries(readings.percentiles)) {
    for (const [at, ms] of values) {
      const draft = Number.isFinite(ms) && ms >= 0 ? draftAt(at) : null;
      if (draft !== null) draft.percentiles[name as keyof Percentiles] = ms;
    }
  }
  return [...drafts].sort(([a], [b]) => a - b).map(([end, draft]) => sampleOf(end, draft, phase));
}

function addRequests(reading: CountReading, draftAt: (at: number) => Draft | null): void {
  for (const { at, total, bad } of bucketsOf(reading)) {
    const draft = draftAt(at);
    if (draft === null) continue;
    const known = draft.requests ?? { total: 0, bad: 0 };
    const isKnown = known.bad !== null && bad !== null;
    draft.requests = { total: known.total + total, bad: isKnown ? (known.bad ?? 0) + (bad ?? 0) : null };
  }
}

interface Bucket {
  readonly at: number;
  readonly total: number;
  /** Null: not known. */
  readonly bad: number | null;
}

/** Buckets whose numbers can be true. */
function bucketsOf({ total, bad }: CountReading): readonly Bucket[] {
  return [...total].flatMap(([at, value]): Bucket[] => {
    const all = countFrom(value);
    if (all === null) return [];
    if (bad === null) return [{ at, total: all, bad: null }];
    const given = bad.has(at) ? countFrom(bad.get(at)) : 0;
    const among = given === null ? null : badAmong(all, given);
    return among === null ? [] : [{ at, total: all, bad: among }];
  });
}

function sampleOf(end: number, { requests, counts, percentiles }: Draft, phase: Sample['phase']): Sample {
  return {
    at: new Date(end).toISOString(),
    phase,
    ...(requests === undefined ? {} : { total: requests.total }),
    ...(requests === undefined || requests.bad === null ? {} : { errors: requests.bad }),
    ...(Object.keys(percentiles).length > 0 ? { percentiles_ms: percentiles } : {}),
    ...(Object.keys(counts).length > 0 ? { counts } : {}),
  };
}
