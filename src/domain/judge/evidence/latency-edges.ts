import { edgeAtOrAbove, quantile } from '../histogram.ts';
import type { Histogram } from '../sample.ts';

/** The quantiles that are judged. */
const QUANTILES = [0.5, 0.95, 0.99] as const;
type Quantile = (typeof QUANTILES)[number];

/** Edges in ms that requests are counted above, for one quantile. */
export interface Edges {
  readonly quantile: Quantile;
  /** The edge at or just above the quantile of before the deploy. */
  readonly before: number;
  /** The first edge that is the limit above it; `before` itself where buckets are coarse. */
  readonly warning: number;
  /** The first edge that is half as much again; null where there is none. */
  readonly critical: number | null;
}

/** Buckets are coarse when the next edge is so many times the limit away. */
const COARSE = 2.5;
/** A rise that is critical, as a ratio, and in limits. */
const CRITICAL = { rise: 0.5, limits: 5 };

/**
 * Where to count, from all requests before the deploy, in buckets that all ticks have. `limit` is the allowed rise of
 * latency as a ratio. Empty without requests or edges.
 */
export function edgesOf(baseline: Histogram, limit: number): readonly Edges[] {
  return QUANTILES.flatMap((q) => {
    const at = quantile(baseline, q);
    const before = at === null ? null : edgeAtOrAbove(baseline, at);
    if (at === null || before === null) return [];
    const over = edgeAtOrAbove(baseline, at * (1 + limit));
    const isCoarse = over === null || over > at * (1 + COARSE * limit);
    const critical = edgeAtOrAbove(baseline, at * (1 + Math.max(CRITICAL.rise, CRITICAL.limits * limit)));
    return [{ quantile: q, before, warning: isCoarse ? before : over, critical }];
  });
}
