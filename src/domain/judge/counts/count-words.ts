import type { Baseline } from '../evidence/baseline.ts';
import { besideOf, ownOf, sumOf, type Tick } from '../evidence/tick.ts';
import { spell, whole } from '../format.ts';
import type { MetricRules } from '../standing.ts';
import { CALM_TICKS, recoveredFor, standsUntil } from '../standing.ts';
import type { JudgeVerdict, MetricFinding } from '../verdict.ts';
import { type CountTick, toldOf } from './count-metric.ts';
import { before, beside, ERROR_RATE, failed, inLast, type SideNames, sumBeside } from './phrases.ts';
import { proofInWords } from './proof-words.ts';

/**
 * What a tick of a count metric says, in words. Traffic that is gone has a finding of its own. `names` where the release
 * is compared with the one before in the same ticks.
 */
export function countFindings(
  name: string,
  baseline: Baseline,
  judged: CountTick,
  rules: MetricRules,
  names?: SideNames,
): readonly MetricFinding[] {
  const verdict = verdictOf(judged);
  const isProof = verdict === 'healthy' || verdict === 'inconclusive';
  const shown = isProof ? toldOf(judged.state) : judged.state.after.slice(judged.since);
  const { requests, bad } = sumOf(shown.map(ownOf));
  const finding: MetricFinding = {
    metric: name,
    verdict,
    unit: 'ratio',
    ...comparedWith(baseline, shown),
    ...(requests > 0 ? { now: bad / requests } : {}),
    reason: isProof
      ? recovered(judged, rules) + proofInWords(name, baseline, judged, rules, names)
      : alarmInWords(name, baseline, judged, rules, names),
  };
  return judged.state.cause === 'traffic'
    ? [trafficFinding(name, baseline, judged, rules), finding]
    : [finding];
}

/** The rate that it is compared with: of the release before in the same ticks, else of before the deploy. */
function comparedWith(baseline: Baseline, ticks: readonly Tick[]): Pick<MetricFinding, 'baseline'> {
  const [requests, bad] = sumBeside(ticks);
  if (requests > 0) return { baseline: bad / requests };
  return baseline.requests > 0 ? { baseline: baseline.bad / baseline.requests } : {};
}

function verdictOf({ state, severity, proven }: CountTick): JudgeVerdict {
  if (state.standing.alarm !== null && state.cause !== 'traffic') return state.standing.alarm;
  if (severity === 'watching') return 'watching';
  return proven ? 'healthy' : 'inconclusive';
}

function alarmInWords(
  name: string,
  baseline: Baseline,
  { state, severity, since }: CountTick,
  { tickMs }: MetricRules,
  names: SideNames | undefined,
): string {
  const { after, cause, standing } = state;
  const lately = (from: number) => {
    const ticks = after.slice(from);
    const when = inLast(ticks.length, tickMs);
    const others = beside(ticks, names);
    if (others === null) return `${failed(name, ticks, when)}; ${before(baseline)}.`;
    const isMixed = ticks.some((tick) => tick !== null && besideOf(tick) === null);
    const also = isMixed ? `; ${before(baseline)}` : '';
    return `${failed(name, ticks, when, names)}; ${others}${also}.`;
  };
  if (standing.alarm === null) return `${lately(since)} That looks like a rise; it is not beyond chance yet.`;
  if (severity === 'none' || severity === 'watching') {
    return `${lately(-CALM_TICKS)} ${standsUntil(standing.calm, tickMs)}`;
  }
  if (cause === 'outage') {
    const last = after.findLast((tick) => tick !== null) ?? null;
    const isOwn = names !== undefined && besideOf(last) !== null && shareOf(ownOf(last)) > shareOf(last);
    if (isOwn) return `${failed(name, [last], inLast(1, tickMs), names)}; ${beside([last], names)}.`;
    return `${failed(name, [last && [last[0], last[1]]], inLast(1, tickMs))}; ${before(baseline)}.`;
  }
  const isOld = after.length - since > 2 * CALM_TICKS;
  const now = isOld
    ? ` Now: ${failed(name, after.slice(-CALM_TICKS), inLast(CALM_TICKS, tickMs), names)}.`
    : '';
  return `${lately(since)} That is a rise beyond chance.${now}`;
}

function shareOf(tick: Tick): number {
  return tick === null || tick[0] === 0 ? 0 : tick[1] / tick[0];
}

function recovered({ state }: CountTick, { tickMs }: MetricRules): string {
  return state.standing.recovered ? `${recoveredFor(tickMs)} ` : '';
}

function trafficFinding(
  name: string,
  baseline: Baseline,
  { state, severity }: CountTick,
  rules: MetricRules,
): MetricFinding {
  const { tickMs } = rules;
  const [before = 'unknown', last = 'unknown'] = state.after
    .slice(-2)
    .map((tick) => (tick === null ? 'unknown' : whole(tick[0])));
  const usual = (baseline.requests / (baseline.minutes * 60_000)) * tickMs;
  const standing = severity === 'critical' ? '' : ` ${standsUntil(state.standing.calm, tickMs)}`;
  return {
    metric: name === ERROR_RATE ? 'traffic' : `traffic of ${name}`,
    verdict: state.standing.alarm ?? 'critical',
    unit: 'count',
    baseline: Math.round(usual),
    now: Math.round(state.after.at(-1)?.[0] ?? 0),
    reason: `${name === ERROR_RATE ? 'Requests' : 'Counted'} ${inLast(1, tickMs)}: ${last}, and ${before} in the ${spell(tickMs)} before; usually about ${whole(usual)}.${standing}`,
  };
}
