import { firingIn, judgeAlerts } from '../../../../src/domain/judge/alerts.ts';
import { percent, several } from '../../../../src/domain/judge/format.ts';
import type { Sample } from '../../../../src/domain/judge/sample.ts';
import type { Judgement, JudgeVerdict, MetricFinding } from '../../../../src/domain/judge/verdict.ts';
import { judgeErrorRate, judgeTraffic } from './error-rate.ts';
import { judgeLatency } from './latency.ts';
import { blindTicks, inOrder, seenShare } from './window.ts';

export interface Limits {
  /** Allowed rise of the error rate, ratio 0..1. */
  readonly errorRateRise: number;
  /** Allowed rise of latency, ratio. */
  readonly latencyRise: number;
}

/** So many ticks in a row without a sample, and nothing can be said. */
const BLIND_TICKS = 5;
/** Less than this share of the ticks seen, and nothing can be said. */
const LEAST_SEEN = 0.5;

/**
 * Plain limits with sense: a rise of the error rate or of a latency quantile over its limit is a warning once
 * it is beyond chance, an outage is critical within two ticks, and healthy is only what enough was seen of.
 * Counts are pooled over the last ticks and over the whole window.
 */
export function judge(baseline: readonly Sample[], after: readonly Sample[], limits: Limits): Judgement {
  const before = inOrder(baseline);
  const since = inOrder(after);
  const firing = firingIn(since);
  const findings = [
    judgeErrorRate(before, since, limits.errorRateRise),
    judgeTraffic(before, since),
    ...judgeLatency(before, since, limits.latencyRise),
    firing === undefined ? null : judgeAlerts({ known: firingIn(before) ?? [], unsure: [] }, firing),
    judgeSight(since),
  ].filter((finding) => finding !== null);
  const nothing: MetricFinding = {
    metric: 'samples',
    verdict: 'inconclusive',
    unit: 'count',
    now: 0,
    reason: 'Nothing was seen of production yet.',
  };
  const shown = findings.length > 0 ? findings : [nothing];
  return { verdict: worstOf(shown.map((finding) => finding.verdict)), findings: shown };
}

/** Missing samples are never good samples. */
function judgeSight(after: readonly Sample[]): MetricFinding | null {
  const blind = blindTicks(after);
  const share = seenShare(after);
  if (after.length === 0 || (blind < BLIND_TICKS && share >= LEAST_SEEN)) return null;
  const reason =
    blind >= BLIND_TICKS
      ? `Nothing was seen of production for ${several(blind, 'tick')} in a row.`
      : `Only ${percent(share)} of the ticks since the deploy show anything.`;
  return { metric: 'samples', verdict: 'inconclusive', now: blind, unit: 'count', reason };
}

const BADNESS: Readonly<Record<JudgeVerdict, number>> = {
  healthy: 0,
  watching: 1,
  inconclusive: 2,
  warning: 3,
  critical: 4,
};

function worstOf(verdicts: readonly JudgeVerdict[]): JudgeVerdict {
  return verdicts.reduce(
    (worst, verdict) => (BADNESS[verdict] > BADNESS[worst] ? verdict : worst),
    'healthy',
  );
}
