import type { Histogram } from '../../../domain/judge/sample.ts';

const GROWTH = 1.06;
const FIRST_MS = 1;
const LAST_MS = 60_000;
const BUCKETS = Math.ceil(Math.log(LAST_MS / FIRST_MS) / Math.log(GROWTH));

/** Upper edges, each 6 % above the one before, from 1 ms to a minute: fine enough to see a rise of 10 %. */
const FINE_EDGES_MS: readonly number[] = Array.from({ length: BUCKETS + 1 }, (_, index) =>
  Number((FIRST_MS * GROWTH ** index).toPrecision(4)),
);

/** Number of the bucket that a duration belongs to; 0 to `FINE_EDGES_MS.length`. */
export function bucketOf(ms: number): number {
  let low = 0;
  let high = FINE_EDGES_MS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((FINE_EDGES_MS[middle] ?? Number.POSITIVE_INFINITY) >= ms) high = middle;
    else low = middle + 1;
  }
  return low;
}

export function emptyCounts(): number[] {
  return new Array<number>(FINE_EDGES_MS.length + 1).fill(0);
}

export function fineHistogram(counts: readonly number[]): Histogram {
  return { edges_ms: FINE_EDGES_MS, counts };
}
