import { durationInWords } from '../../text/duration.ts';
import type { Baseline } from '../evidence/baseline.ts';
import { AGAINST, countedIn, PROVEN, requestsToProof, STILL_PROVEN } from '../evidence/healthy.ts';
import { ownOf, sumOf, type Tick, ticksIn } from '../evidence/tick.ts';
import { percent, points, whole } from '../format.ts';
import { sightInWords } from '../sight.ts';
import type { MetricRules } from '../standing.ts';
import { type CountTick, RECENT_MS, toldOf } from './count-metric.ts';
import { beside, failed, type SideNames } from './phrases.ts';

/** More requests than this are out of reach of any window. */
const OUT_OF_REACH = 1e9;
const DAY_MS = 86_400_000;
const LATE = 'What fails may be counted late, so this is no proof.';
const RECENT_TICKS = 10;

/** What is proven, or what the proof still takes: how many requests, and about how long. */
export function proofInWords(
  name: string,
  baseline: Baseline,
  judged: CountTick,
  rules: MetricRules,
  names?: SideNames,
): string {
  const after = toldOf(judged.state);
  const whom = judged.state.untold === undefined ? undefined : (names?.release ?? 'The release');
  const unseen = sightInWords(after, rules.tickMs, whom);
  if (unseen !== null) return unseen;
  const others = beside(after, names);
  const isBefore = sumOf(after.map(ownOf)).bad > 0 && baseline.requests > 0;
  const before = isBefore ? `; ${percent(baseline.bad / baseline.requests)} before` : '';
  const against = others === null ? before : `; ${others}`;
  const isRuledOut = judged.proven && rules.proof === undefined;
  const whatItMeans = isRuledOut
    ? `A rise by ${points(rules.limit)} is ruled out.`
    : whatItTakes(name, baseline, judged, rules);
  return `${failed(name, after, 'since the deploy', others === null ? undefined : names)}${against}. ${whatItMeans}`;
}

function whatItTakes(
  name: string,
  baseline: Baseline,
  { state, evidence }: CountTick,
  { limit, tickMs, proof }: MetricRules,
): string {
  const { cleared } = state;
  const after = toldOf(state);
  const all = sumOf(after.map(ownOf));
  const lately = () => failed(name, after.slice(-ticksIn(RECENT_MS, tickMs)), 'in the last ten minutes');
  if (proof !== undefined) {
    if (evidence.ok < AGAINST) return `That is more, but no alarm. ${LATE}`;
    return evidence.recent < AGAINST ? `But ${lately()}. ${LATE}` : LATE;
  }
  const ruleOut = `rule out a rise by ${points(limit)}`;
  const more = requestsToProof(
    baseline,
    { ...countedIn(after), limit },
    cleared ? STILL_PROVEN : PROVEN,
    OUT_OF_REACH,
  );
  if (more === 0) {
    return `But ${lately()}: too much to ${ruleOut}.`;
  }
  const waitMs = ((more ?? Number.POSITIVE_INFINITY) / trafficOf(after)) * tickMs;
  const isWorse = evidence.ok < 0 && all.bad > 0;
  if (more === null || !(waitMs <= DAY_MS)) {
    return isWorse ? `That is too much to ${ruleOut}.` : `The traffic is too low to ${ruleOut} within a day.`;
  }
  const takes = `would ${ruleOut}: about ${durationInWords(roundUp(waitMs))}.`;
  return isWorse
    ? `That is more, but no alarm. About ${whole(more)} requests like those before ${takes}`
    : `About ${whole(more)} more ${takes}`;
}

/** Requests a tick, of the last ticks that are there. */
function trafficOf(after: readonly Tick[]): number {
  const last = after.filter((tick) => tick !== null).slice(-RECENT_TICKS);
  return last.length === 0 ? 0 : sumOf(last.map(ownOf)).requests / last.length;
}

/** To minutes below an hour, to quarters of an hour above. */
function roundUp(ms: number): number {
  const unit = ms < 3_600_000 ? 60_000 : 900_000;
  return Math.ceil(ms / unit) * unit;
}
