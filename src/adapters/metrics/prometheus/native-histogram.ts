import { z } from 'zod';
import type { Histogram } from '../../../domain/judge/sample.ts';

/** As the API writes it: counts and boundaries as texts; buckets without observations are left out. */
export const NativeHistogram = z.object({
  count: z.string(),
  sum: z.string(),
  buckets: z.array(z.tuple([z.number(), z.string(), z.string(), z.string()])).default([]),
});
export type NativeHistogram = z.infer<typeof NativeHistogram>;

/** Boundaries of schema 3, each 9 % above the one before, from about a thousandth of the unit to 4,096 of it. */
const PER_DOUBLING = 8;
const [FIRST, LAST] = [-10 * PER_DOUBLING, 12 * PER_DOUBLING];
const EDGES: readonly number[] = Array.from(
  { length: LAST - FIRST + 1 },
  (_, index) => 2 ** ((FIRST + index) / PER_DOUBLING),
);
/** Boundaries are written with so many digits that they are not quite equal. */
const ROUNDING = 1 - 1e-9;

/**
 * The histogram on boundaries that are always the same, or no two ticks could be compared: a native one leaves out
 * empty buckets and may change its resolution. Finer buckets fit into these exactly; of a coarser one all observations
 * count as the slowest. Null when its numbers make no sense.
 */
export function onFixedEdges(native: NativeHistogram, unitMs: number): Histogram | null {
  const counts = new Array<number>(EDGES.length + 1).fill(0);
  const all = Number(native.count);
  if (!Number.isFinite(all) || all < 0) return null;
  for (const [, , right, text] of native.buckets) {
    const [upper, count] = [Number(right.replace('Inf', 'Infinity')), Number(text)];
    if (Number.isNaN(upper) || !Number.isFinite(count)) return null;
    if (count <= 0) continue; // an increase is an estimate, and may be a little below zero
    const found = EDGES.findIndex((edge) => edge >= upper * ROUNDING);
    const bucket = found < 0 ? EDGES.length : found;
    counts[bucket] = (counts[bucket] ?? 0) + count;
  }
  return {
    edges_ms: EDGES.map((edge) => Number((edge * unitMs).toPrecision(6))),
    counts: counts.map((count) => Math.round(count * 1_000) / 1_000),
  };
}
