import { type Baseline, baselineOf } from '../evidence/baseline.ts';
import { type Edges, edgesOf } from '../evidence/latency-edges.ts';
import type { Tick } from '../evidence/tick.ts';
import { coarser, isHistogram, mergeHistograms, requestsAbove, requestsIn } from '../histogram.ts';
import type { Histogram, Sample } from '../sample.ts';

/** The latency of before the deploy; plain JSON. */
export interface LatencyBaseline {
  /** All requests, in buckets that all ticks have. */
  readonly all: Histogram;
  /** For each edge that a quantile may be counted from: requests above it, and how far they are trusted. */
  readonly above: readonly (Guard & { readonly edge: number })[];
}

export type Guard = Pick<Baseline, 'bad' | 'requests' | 'dispersion' | 'trust'>;

/** Null when no tick has a histogram with requests. A null sample is a missing tick. */
export function latencyBaselineOf(
  ticks: readonly (Sample | null)[],
  tickMs: number,
  limit: number,
): LatencyBaseline | null {
  const histograms = ticks.map((sample) => (isHistogram(sample?.latency) ? sample.latency : null));
  const all = mergeHistograms(histograms.filter((one) => one !== null));
  const lowest = all === null ? undefined : edgesOf(all, limit)[0]?.before;
  if (all === null || lowest === undefined) return null;
  const above = all.edges_ms
    .filter((edge) => edge >= lowest)
    .map((edge) => {
      const counts = histograms.map((one): Tick => one && [requestsIn(one), requestsAbove(one, edge)]);
      const { bad, requests, dispersion, trust } = baselineOf(counts, tickMs);
      return { edge, bad, requests, dispersion, trust };
    });
  return { all, above };
}

/** Where to count among the edges that are left; null: all of the baseline's. */
export function edgesAmong(
  { all }: LatencyBaseline,
  edges: readonly number[] | null,
  limit: number,
): readonly Edges[] {
  return edgesOf(edges === null ? all : coarser(all, edges), limit);
}

export function guardAt({ above }: LatencyBaseline, edge: number): Guard {
  const found = above.find((one) => one.edge === edge);
  if (found === undefined) throw new Error(`The baseline does not count above ${edge} ms.`);
  return found;
}
