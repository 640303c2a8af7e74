import { ownValue } from '../text/own.ts';
import { firingIn } from './alerts.ts';
import { ERROR_RATE } from './counts/phrases.ts';
import type { Baseline } from './evidence/baseline.ts';
import { pooledBaselineOf } from './evidence/pooled.ts';
import { type Tick, tickOf } from './evidence/tick.ts';
import { type LatencyBaseline, latencyBaselineOf } from './latency/latency-baseline.ts';
import { type PercentileBaseline, percentileBaselineOf } from './latency/percentile-metric.ts';
import type { Beside, Sample } from './sample.ts';

export interface JudgeRules {
  /** Length of a tick. */
  readonly tickMs: number;
  /** So long after the deploy a rise is no evidence: a service that starts is slower and fails more. */
  readonly settleMs: number;
  /** Allowed rise of the error rate, ratio 0..1. */
  readonly errorRateRise: number;
  /** Allowed rise of latency, as a ratio. */
  readonly latencyRise: number;
  /** Other things that are counted, by name: the allowed rise of each, ratio 0..1. They are judged though nothing is seen of them. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Names of what is counted late where it fails: it may alarm, and proves nothing. Absent: nothing is. */
  readonly late?: readonly string[];
  /** Only a part of the requests goes to the release: those of both together prove nothing of it. */
  readonly isShare?: true;
}

/** All that the judge knows of before the deploy; plain JSON, never changed afterwards. */
export interface JudgeStart {
  readonly rules: JudgeRules;
  /** Of each count metric by its name; the error rate is always there. */
  readonly counts: Readonly<Record<string, Baseline>>;
  readonly latency: LatencyBaseline | null;
  readonly percentiles: PercentileBaseline;
  /** Critical alerts that fired already; null: not known. */
  readonly alerts: readonly string[] | null;
  /** When the deployment began, ms since the epoch; absent: not known, as in what an older version stored. */
  readonly deployedAt?: number;
}

/**
 * Begins a watch from the consecutive ticks that end with the deploy; null: a missing tick. `history`: those of the same
 * time of earlier days, each by itself; none where the source has no history. `deployedAt`: when the deployment began.
 */
export function beginJudging(
  baseline: readonly (Sample | null)[],
  rules: JudgeRules,
  history: readonly (readonly (Sample | null)[])[] = [],
  deployedAt?: number,
): JudgeStart {
  const { tickMs, latencyRise } = rules;
  const known = Object.keys(rules.counts ?? {});
  const names = new Set([
    ERROR_RATE,
    ...known,
    ...baseline.flatMap((sample) => Object.keys(sample?.counts ?? {})),
  ]);
  const latency = latencyBaselineOf(baseline, tickMs, latencyRise, history);
  const percentiles = baseline.map((sample) => sample?.percentiles_ms ?? null);
  return {
    rules,
    counts: Object.fromEntries(
      [...names].map((name) => [
        name,
        pooledBaselineOf(
          baseline.map((sample) => countOf(sample, name)),
          history.map((day) => day.map((sample) => countOf(sample, name))),
          tickMs,
        ),
      ]),
    ),
    latency,
    percentiles: latency === null ? percentileBaselineOf(percentiles, tickMs) : [],
    alerts: firingIn(baseline.filter((sample) => sample !== null)) ?? null,
    ...(deployedAt === undefined ? {} : { deployedAt }),
  };
}

/** The counts of a metric in one tick. */
export function countOf(sample: Sample | null, name: string): Tick {
  const beside = besideIn(sample, name);
  const others = beside && { requests: beside.total, bad: beside.errors };
  if (name === ERROR_RATE) return tickOf(sample?.total, sample?.errors, others);
  const count = otherCount(sample, name);
  return tickOf(count?.total, count?.bad, others);
}

/** What the release before answered of them; absent where that is not known, or has no name. */
export function besideIn(sample: Sample | null, name: string): Beside | undefined {
  const beside = name === ERROR_RATE ? sample?.beside : otherCount(sample, name)?.beside;
  return typeof beside?.release === 'string' ? beside : undefined;
}

function otherCount(sample: Sample | null, name: string) {
  return ownValue(sample?.counts, name);
}
