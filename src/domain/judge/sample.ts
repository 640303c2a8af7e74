/** Counts per bucket: counts[i] requests took more than edges_ms[i-1] and at most edges_ms[i]; one more count than edges. */
export interface Histogram {
  readonly edges_ms: readonly number[];
  readonly counts: readonly number[];
}

/**
 * What was seen of a service during one tick. The same shape as the lines of a backtest file.
 * Anything but `at` and `phase` may be missing; missing is never good.
 */
export interface Sample {
  /** ISO time of the end of the tick. */
  readonly at: string;
  readonly phase: 'baseline' | 'after';
  /** Requests. */
  readonly total?: number;
  /** Failed requests, at most `total`. */
  readonly errors?: number;
  readonly latency?: Histogram;
  /** Names of critical alerts that fire now. */
  readonly alerts?: readonly string[];
}
