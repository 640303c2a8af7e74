import type { Baseline } from '../evidence/baseline.ts';
import { type Edges, edgesOf } from '../evidence/latency-edges.ts';
import { pooledBaselineOf } from '../evidence/pooled.ts';
import type { Tick } from '../evidence/tick.ts';
import { coarser, isHistogram, mergeHistograms } from '../histogram.ts';
import type { Histogram, Sample } from '../sample.ts';

/** The latency of before the deploy; plain JSON. */
export interface LatencyBaseline {
  /** All requests, in buckets that all ticks have. */
  readonly all: Histogram;
  /** For each edge that a quantile may be counted from: requests above it, and how far they are trusted. */
  readonly above: readonly (Guard & { readonly edge: number })[];
}

export type Guard = Pick<Baseline, 'bad' | 'requests' | 'dispersion' | 'trust'>;

/**
 * Null when no tick has a histogram with requests. A null sample is a missing tick. Of earlier days those ticks count
 * whose histograms have the same edges; where to count from is what the ticks before the deploy say.
 */
export function latencyBaselineOf(
  ticks: readonly (Sample | null)[],
  tickMs: number,
  limit: number,
  history: readonly (readonly (Sample | null)[])[] = [],
): LatencyBaseline | null {
  const histograms = ticks.map((sample) => (isHistogram(sample?.latency) ? sample.latency : null));
  const all = mergeHistograms(histograms.filter((one) => one !== null));
  const lowest = all === null ? undefined : edgesOf(all, limit)[0]?.before;
  if (all === null || lowest === undefined) return null;
  const cumulated = histograms.map((one) => one && requestsFrom(coarser(one, all.edges_ms)));
  const days = history.map((day) =>
    day.map((sample) => {
      const { latency } = sample ?? {};
      const isSame = isHistogram(latency) && all.edges_ms.every((edge) => latency.edges_ms.includes(edge));
      return isSame ? requestsFrom(coarser(latency, all.edges_ms)) : null;
    }),
  );
  const above = all.edges_ms.flatMap((edge, index) => {
    if (edge < lowest) return [];
    const counted = (from: readonly number[] | null): Tick => from && [from[0] ?? 0, from[index + 1] ?? 0];
    const { bad, requests, dispersion, trust } = pooledBaselineOf(
      cumulated.map(counted),
      days.map((day) => day.map(counted)),
      tickMs,
    );
    return [{ edge, bad, requests, dispersion, trust }];
  });
  return { all, above };
}

/** For each bucket the requests in it and in all slower ones. */
function requestsFrom({ counts }: Histogram): readonly number[] {
  const from = [...counts];
  for (let index = from.length - 2; index >= 0; index--)
    from[index] = (from[index] ?? 0) + (from[index + 1] ?? 0);
  return from;
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
