/** Counts per bucket: counts[i] requests took more than edges_ms[i-1] and at most edges_ms[i]; one more count than edges. */
export interface Histogram {
  readonly edges_ms: readonly number[];
  readonly counts: readonly number[];
}

export const PERCENTILES = ['p50', 'p95', 'p99'] as const;
/** Latency in ms of the requests of a tick. */
export type Percentiles = { readonly [P in (typeof PERCENTILES)[number]]?: number };

/** Those of the release before among what was counted in a tick, when both were in production. */
export interface Beside {
  readonly total: number;
  readonly errors: number;
  /** What tells the release from the one before, as the source has it: `1.3.0` and `1.2.0`. */
  readonly release: string;
  /** Absent where it answered nothing. */
  readonly other?: string;
}

/**
 * What was seen of a service during one tick. The same shape as the lines of a backtest file.
 * Anything but `at` and `phase` may be missing; missing is never good.
 */
export interface Sample {
  /** ISO time of the end of the tick. */
  readonly at: string;
  /** `history`: of the same time of an earlier day. */
  readonly phase: 'baseline' | 'after' | 'history';
  /** Requests. */
  readonly total?: number;
  /** Failed requests, at most `total`. */
  readonly errors?: number;
  /** Those of `total` and `errors` that the release before answered; absent where releases are not told apart. */
  readonly beside?: Beside;
  /** Why `beside` is absent though it was wanted, a sentence. */
  readonly apart?: string;
  readonly latency?: Histogram;
  /** From sources that know no histogram. */
  readonly percentiles_ms?: Percentiles;
  /** Other things that are counted as bad out of a total, by their names: failed jobs, declined payments. */
  readonly counts?: Readonly<
    Record<string, { readonly total: number; readonly bad: number; readonly beside?: Beside }>
  >;
  /** Critical alerts that fire now: `ShopDown{instance="a"}`, or the name alone. */
  readonly alerts?: readonly string[];
  /** Since when they do, ISO times by the names in `alerts`; of one that does not say there is none. */
  readonly alerts_since?: Readonly<Record<string, string>>;
}
