import type { Baseline } from '../evidence/baseline.ts';
import { besideOf, ownOf, sumOf, type Tick } from '../evidence/tick.ts';
import { spell, whole } from '../format.ts';
import { CALM_TICKS, recoveredFor, standsUntil } from '../standing.ts';
import type { JudgeVerdict, MetricFinding } from '../verdict.ts';
import type { CountRules, CountTick } from './count-metric.ts';
import { before, beside, failed, inLast, type SideNames, sumBeside } from './phrases.ts';
import { proofInWords } from './proof-words.ts';

/**
 * What a tick of a count metric says, in words. Traffic that is gone has a finding of its own. `names` where the release
 * is compared with the one before in the same ticks.
 */
export function countFindings(
  name: string,
  baseline: Baseline,
  judged: CountTick,
  rules: CountRules,
  names?: SideNames,
): readonly MetricFinding[] {
  const verdict = verdictOf(judged);
  const isProof = verdict === 'healthy' || verdict === 'inconclusive';
  const shown = isProof ? judged.state.after : judged.state.after.slice(judged.since);
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
  return judged.state.cause === 'traffic' ? [trafficFinding(baseline, judged, rules), finding] : [finding];
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
  { tickMs }: CountRules,
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
  if (cause === 'outage')
    return `${failed(name, [together(after)], inLast(1, tickMs))}; ${before(baseline)}.`;
  return `${lately(since)} That is a rise beyond chance.`;
}

/** The last tick that is there, of all releases. */
function together(after: readonly Tick[]): Tick {
  const last = after.findLast((tick) => tick !== null) ?? null;
  return last && [last[0], last[1]];
}

function recovered({ state }: CountTick, { tickMs }: CountRules): string {
  return state.standing.recovered ? `${recoveredFor(tickMs)} ` : '';
}

function trafficFinding(
  baseline: Baseline,
  { state, severity }: CountTick,
  rules: CountRules,
): MetricFinding {
  const { tickMs } = rules;
  const [before = 'unknown', last = 'unknown'] = state.after
    .slice(-2)
    .map((tick) => (tick === null ? 'unknown' : whole(tick[0])));
  const usual = (baseline.requests / (baseline.minutes * 60_000)) * tickMs;
  const standing = severity === 'critical' ? '' : ` ${standsUntil(state.standing.calm, tickMs)}`;
  return {
    metric: 'traffic',
    verdict: state.standing.alarm ?? 'critical',
    unit: 'count',
    baseline: Math.round(usual),
    now: Math.round(state.after.at(-1)?.[0] ?? 0),
    reason: `Requests ${inLast(1, tickMs)}: ${last}, and ${before} in the ${spell(tickMs)} before; usually about ${whole(usual)}.${standing}`,
  };
}
