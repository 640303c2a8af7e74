import type { Histogram, Sample } from '../../src/domain/judge/sample.ts';
import type { Random } from './random.ts';

/** Buckets of 6 %, in ms. */
const EDGES_MS = Array.from({ length: 130 }, (_, index) => Number((8 * 1.06 ** index).toPrecision(4)));
const MEDIAN_MS = { least: 60, most: 180 };
/** Standard deviation of the logarithm. */
const SPREAD = 0.6;
/** The slow hump is so many times slower. */
const SLOWER = 10;

/** How the latency of a service behaves; times in ticks, 0 is the deploy. */
export interface LatencyShape {
  readonly traffic?: (tick: number) => number;
  /** Times the usual latency. */
  readonly slower?: (tick: number) => number;
  /** Share of the requests in the slow hump. */
  readonly slowShare?: (tick: number) => number;
}

export interface LatencyWindow {
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
}

const TICK_S = 30;

/** An hour before the deploy and half an hour after it, of requests that all succeed. */
export function latencyWindowOf(rps: number, shape: LatencyShape, random: Random): LatencyWindow {
  const medianMs = MEDIAN_MS.least + random.uniform() * (MEDIAN_MS.most - MEDIAN_MS.least);
  const tick = (index: number, phase: Sample['phase']): Sample => {
    const total = random.poisson(rps * TICK_S * (shape.traffic?.(index) ?? 1));
    const slowShare = shape.slowShare?.(index) ?? 0;
    const latency = histogramOf(total, medianMs * (shape.slower?.(index) ?? 1), slowShare, random);
    return { at: new Date(index * TICK_S * 1_000).toISOString(), phase, total, errors: 0, latency };
  };
  return {
    before: Array.from({ length: 120 }, (_, index) => tick(index - 120, 'baseline')),
    after: Array.from({ length: 60 }, (_, index) => tick(index, 'after')),
  };
}

/** Bucket by bucket, each a binomial of what is left. */
function histogramOf(total: number, medianMs: number, slowShare: number, random: Random): Histogram {
  const counts = new Array<number>(EDGES_MS.length + 1).fill(0);
  let left = total;
  let beyond = 1;
  for (const [index, edge] of EDGES_MS.entries()) {
    if (left === 0) break;
    const z = Math.log(edge / medianMs) / SPREAD;
    const slow = slowShare === 0 ? 0 : slowShare * tail(z - Math.log(SLOWER) / SPREAD);
    const above = (1 - slowShare) * tail(z) + slow;
    const here = Math.min(1, Math.max(0, 1 - above / beyond));
    const count = random.binomial(left, here);
    counts[index] = count;
    left -= count;
    beyond = Math.max(above, 1e-12);
  }
  counts[EDGES_MS.length] = left;
  return { edges_ms: EDGES_MS, counts };
}

/** P(Z > z) of the normal distribution, to 1.2e-7 (Press et al., Numerical Recipes, erfc). */
function tail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const poly = [
    0.170_872_77, -0.822_152_23, 1.488_515_87, -1.135_203_98, 0.278_868_07, -0.186_288_06, 0.096_784_18,
    0.374_091_96, 1.000_023_68, -1.265_512_23,
  ].reduce((all, one) => all * t + one, 0);
  const half = (t * Math.exp(-x * x + poly)) / 2;
  return z >= 0 ? half : 1 - half;
}
