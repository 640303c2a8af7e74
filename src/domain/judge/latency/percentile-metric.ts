import { baselineOf } from '../evidence/baseline.ts';
import { logMeanExp } from '../evidence/log-sum.ts';
import { lowered } from '../evidence/lowering.ts';
import type { Tick } from '../evidence/tick.ts';
import { SLOW_SHARE, tickSignOf } from '../evidence/tick-sign.ts';
import { quantileOf } from '../evidence/traffic.ts';
import { PERCENTILES, type Percentiles } from '../sample.ts';
import type { MetricRules } from '../standing.ts';
import { NOTHING_STANDS, type Severity, type Standing, severityOf, stand } from '../standing.ts';

/** The percentiles of before the deploy; plain JSON. */
export type PercentileBaseline = readonly {
  readonly name: keyof Percentiles;
  /** Nine in ten ticks were not slower, ms. */
  readonly usual: number;
  /** φ of the ticks that were. */
  readonly dispersion: number;
}[];

/** What is remembered since the deploy; plain JSON. */
export interface PercentileState {
  readonly after: readonly (Percentiles | null)[];
  readonly standing: Standing;
}

export interface PercentileTick {
  readonly state: PercentileState;
  /** Natural logarithm of the e-value. */
  readonly evidence: number;
  readonly severity: Severity;
  readonly worst: PercentileBaseline[number] | null;
}

/** So few ticks do not tell where the slowest tenth of them begins. */
const LEAST_TICKS = 10;

export const PERCENTILE_START: PercentileState = { after: [], standing: NOTHING_STANDS };

/** Empty where no percentile is known of enough ticks. */
export function percentileBaselineOf(
  ticks: readonly (Percentiles | null)[],
  tickMs: number,
): PercentileBaseline {
  return PERCENTILES.flatMap((name) => {
    const values = ticks.map((tick) => msOf(tick, name));
    const known = values.filter((ms) => ms !== null);
    if (known.length < LEAST_TICKS) return [];
    const usual = quantileOf(known, 1 - SLOW_SHARE);
    const slow = values.map((ms): Tick => (ms === null ? null : [1, ms > usual ? 1 : 0]));
    return [{ name, usual, dispersion: baselineOf(slow, tickMs).dispersion }];
  });
}

/**
 * Judges one more tick of a source that only knows percentiles, O(ticks): by whether each tick is slower than the limit
 * over nine in ten of before. A warning at most: that is too little to roll back by itself.
 */
export function percentileTick(
  baseline: PercentileBaseline,
  before: PercentileState,
  tick: Percentiles | null,
  { tickMs, settle, limit, metrics }: MetricRules,
): PercentileTick {
  const after = [...before.after, tick];
  const lns = baseline.map(({ name, usual, dispersion }) => {
    const slow = after.map((one): Tick => {
      const ms = msOf(one, name);
      return ms === null ? null : [1, ms > usual * (1 + limit) ? 1 : 0];
    });
    return tickSignOf({ after: slow, slow: lowered(slow, tickMs), from: settle, dispersion });
  });
  const evidence = logMeanExp(lns) ?? 0;
  const severity = severityOf(evidence, Number.NEGATIVE_INFINITY, metrics);
  const standing = stand(before.standing, severity, evidence < 0);
  return {
    state: { after, standing },
    evidence,
    severity,
    worst: baseline[lns.indexOf(Math.max(...lns))] ?? null,
  };
}

/** The percentile of a tick in ms; null when it is no sound number. */
export function msOf(tick: Percentiles | null, name: keyof Percentiles): number | null {
  const ms: unknown = tick?.[name];
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0 ? ms : null;
}
