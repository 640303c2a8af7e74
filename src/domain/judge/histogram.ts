import type { Histogram } from './sample.ts';

/** Whether it is a histogram: edges that grow, one more count than edges, finite numbers of at least 0. */
export function isHistogram(value: unknown): value is Histogram {
  if (typeof value !== 'object' || value === null) return false;
  const { edges_ms: edges, counts } = value as Partial<Record<keyof Histogram, unknown>>;
  if (!Array.isArray(edges) || !Array.isArray(counts) || counts.length !== edges.length + 1) return false;
  const isSound = (one: unknown) => typeof one === 'number' && Number.isFinite(one) && one >= 0;
  return (
    counts.every(isSound) &&
    edges.every((edge, index) => isSound(edge) && (index === 0 || edge > edges[index - 1]))
  );
}

/** The sum of histograms. Where edges differ, only those that all have are kept: counts up to them are exact. */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram | null {
  const [first, ...others] = histograms;
  if (first === undefined) return null;
  if (others.every((other) => sameEdges(first.edges_ms, other.edges_ms)))
    return addUp(histograms, first.edges_ms);
  const sets = others.map((other) => new Set(other.edges_ms));
  const common = first.edges_ms.filter((edge) => sets.every((set) => set.has(edge)));
  return addUp(
    histograms.map((histogram) => coarser(histogram, common)),
    common,
  );
}

export function requestsIn(histogram: Histogram): number {
  return histogram.counts.reduce((all, count) => all + count, 0);
}

/**
 * The latency in ms that the share `q` (0..1) of the requests did not exceed, interpolated within its bucket.
 * Null without requests. Beyond the last edge nothing is known: the answer is that edge.
 */
export function quantile(histogram: Histogram, q: number): number | null {
  const total = requestsIn(histogram);
  const last = histogram.edges_ms.at(-1);
  if (total <= 0 || last === undefined) return null;
  const wanted = q * total;
  let below = 0;
  for (const [index, edge] of histogram.edges_ms.entries()) {
    const count = histogram.counts[index] ?? 0;
    if (count > 0 && below + count >= wanted) {
      const from = index === 0 ? 0 : (histogram.edges_ms[index - 1] ?? 0);
      return from + (edge - from) * Math.max(0, (wanted - below) / count);
    }
    below += count;
  }
  return last;
}

/** The lowest edge that is at least so many ms; null when the histogram ends before. */
export function edgeAtOrAbove(histogram: Histogram, ms: number): number | null {
  return histogram.edges_ms.find((edge) => edge >= ms) ?? null;
}

/** Requests that took longer than an edge of the histogram. */
export function requestsAbove(histogram: Histogram, edge: number): number {
  let above = histogram.counts[histogram.edges_ms.length] ?? 0;
  for (let index = histogram.edges_ms.length - 1; index >= 0; index--) {
    if ((histogram.edges_ms[index] ?? 0) <= edge) break;
    above += histogram.counts[index] ?? 0;
  }
  return above;
}

function addUp(histograms: readonly Histogram[], edges: readonly number[]): Histogram {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const histogram of histograms) {
    for (let index = 0; index < counts.length; index++) {
      counts[index] = (counts[index] ?? 0) + (histogram.counts[index] ?? 0);
    }
  }
  return { edges_ms: edges, counts };
}

/** The same requests in fewer buckets; `edges` are some of the histogram's own. */
export function coarser(histogram: Histogram, edges: readonly number[]): Histogram {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let bucket = 0;
  histogram.counts.forEach((count, index) => {
    const edge = histogram.edges_ms[index] ?? Number.POSITIVE_INFINITY;
    while (bucket < edges.length && edge > (edges[bucket] ?? 0)) bucket++;
    counts[bucket] = (counts[bucket] ?? 0) + count;
  });
  return { edges_ms: edges, counts };
}

function sameEdges(a: readonly number[], b: readonly number[]): boolean {
  return a === b || (a.length === b.length && a.every((edge, index) => edge === b[index]));
}
