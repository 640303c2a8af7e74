import type { Baseline } from '../evidence/baseline.ts';
import { sumOf } from '../evidence/tick.ts';
import { whole } from '../format.ts';
import { CALM_TICKS, standsUntil } from '../standing.ts';
import type { JudgeVerdict, MetricFinding } from '../verdict.ts';
import type { CountRules, CountTick } from './count-metric.ts';
import { before, failed } from './phrases.ts';
import { proofInWords } from './proof-words.ts';

/** What a tick of a count metric says, in words. Traffic that is gone has a finding of its own. */
export function countFindings(
  name: string,
  baseline: Baseline,
  judged: CountTick,
  rules: CountRules,
): readonly MetricFinding[] {
  const verdict = verdictOf(judged);
  const isProof = verdict === 'healthy' || verdict === 'inconclusive';
  const { requests, bad } = sumOf(isProof ? judged.state.after : judged.state.after.slice(judged.since));
  const finding: MetricFinding = {
    metric: name,
    verdict,
    unit: 'ratio',
    ...(baseline.requests > 0 ? { baseline: baseline.bad / baseline.requests } : {}),
    ...(requests > 0 ? { now: bad / requests } : {}),
    reason: isProof
      ? recovered(judged) + proofInWords(name, baseline, judged, rules)
      : alarmInWords(name, baseline, judged),
  };
  return judged.state.cause === 'traffic' ? [trafficFinding(baseline, judged, rules), finding] : [finding];
}

function verdictOf({ state, severity, proven }: CountTick): JudgeVerdict {
  if (state.standing.alarm !== null && state.cause !== 'traffic') return state.standing.alarm;
  if (severity === 'watching') return 'watching';
  return proven ? 'healthy' : 'inconclusive';
}

function alarmInWords(name: string, baseline: Baseline, { state, severity, since }: CountTick): string {
  const { after, cause, standing } = state;
  const lately = (ticks: number) => `${failed(name, after.slice(ticks))}; ${before(baseline)}.`;
  if (standing.alarm === null) return `${lately(since)} That looks like a rise; it is not beyond chance yet.`;
  if (severity === 'none' || severity === 'watching') {
    return `${lately(-CALM_TICKS)} ${standsUntil(standing.calm)}`;
  }
  if (cause === 'outage') return lately(after.findLastIndex((tick) => tick !== null));
  return `${lately(since)} That is a rise beyond chance.`;
}

function recovered({ state }: CountTick): string {
  return state.standing.recovered ? `Recovered: ${CALM_TICKS} calm ticks in a row. ` : '';
}

function trafficFinding(
  baseline: Baseline,
  { state, severity }: CountTick,
  rules: CountRules,
): MetricFinding {
  const last = state.after.slice(-2).map((tick) => (tick === null ? 'unknown' : whole(tick[0])));
  const usual = (baseline.requests / (baseline.minutes * 60_000)) * rules.tickMs;
  const standing = severity === 'critical' ? '' : ` ${standsUntil(state.standing.calm)}`;
  return {
    metric: 'traffic',
    verdict: state.standing.alarm ?? 'critical',
    unit: 'count',
    baseline: Math.round(usual),
    now: Math.round(state.after.at(-1)?.[0] ?? 0),
    reason: `Requests in the last two ticks: ${last.join(' and ')}; about ${whole(usual)} in each before the deploy.${standing}`,
  };
}
