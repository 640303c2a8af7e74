export type JudgeVerdict = 'healthy' | 'watching' | 'warning' | 'critical' | 'inconclusive';

/** Figures of one metric, before and after: ratios 0..1 for error rates, ms for latency. */
export interface MetricFinding {
  /** `error rate`, `latency p95`, `critical alerts`. */
  readonly metric: string;
  readonly verdict: JudgeVerdict;
  readonly baseline?: number;
  readonly now?: number;
  readonly unit: 'ratio' | 'ms' | 'count';
  /** Why, in plain words. */
  readonly reason: string;
}

export interface Judgement {
  /** The worst of the findings. */
  readonly verdict: JudgeVerdict;
  readonly findings: readonly MetricFinding[];
  /** An alarm ended, and none stands. */
  readonly recovered?: true;
}
