import type { Baseline } from '../evidence/baseline.ts';
import { AGAINST, countedIn, okOf, PROVEN, STILL_PROVEN } from '../evidence/healthy.ts';
import { lowered } from '../evidence/lowering.ts';
import { outageOf } from '../evidence/outage.ts';
import { COUNT_RATIOS, type Rise, riseOf } from '../evidence/rise.ts';
import { besideOf, ownOf, type Tick, ticksIn } from '../evidence/tick.ts';
import { isGone } from '../evidence/traffic.ts';
import { isSeen } from '../sight.ts';
import type { MetricRules } from '../standing.ts';
import { NOTHING_STANDS, type Severity, type Standing, severityOf, stand } from '../standing.ts';

/** What is remembered of a count metric since the deploy; plain JSON. */
export interface CountState {
  readonly after: readonly Tick[];
  readonly standing: Standing;
  /** Why the alarm that stands was raised; null when none stands. */
  readonly cause: Cause | null;
  /** Health was proven once. */
  readonly cleared: boolean;
  /** Ticks, 0-based, of which the part of the release is not known, so that they prove nothing of it; absent: none. */
  readonly untold?: readonly number[];
}

/** `traffic`: it is gone; `outage`: nearly everything fails; `rise`: more fails than before. */
type Cause = 'traffic' | 'outage' | 'rise';

/** Natural logarithms of the e-values; `recent` is `ok` over the last ten minutes alone. */
export interface CountEvidence {
  readonly warning: number;
  readonly critical: number;
  readonly hard: number;
  readonly outage: number;
  readonly ok: number;
  readonly recent: number;
}

export interface CountTick {
  readonly state: CountState;
  readonly evidence: CountEvidence;
  /** The tick, 0-based, since which the evidence of a rise is strongest. */
  readonly since: number;
  /** What this tick says by itself; an alarm that stands is in the state. */
  readonly severity: Severity;
  /** Health is proven, and enough of the ticks are there; whatever alarm stands. */
  readonly proven: boolean;
}

export const COUNT_START: CountState = { after: [], standing: NOTHING_STANDS, cause: null, cleared: false };

export const RECENT_MS = 600_000;
/** A rate of which nothing is known, as a share of the limit. */
const UNKNOWN_RATE = 0.1;

/** The ticks that can prove something of the release: others of them are missing ones. */
export function toldOf({ after, untold = [] }: CountState): readonly Tick[] {
  if (untold.length === 0) return after;
  const isUntold = new Set(untold);
  return after.map((tick, index) => (isUntold.has(index) ? null : tick));
}

/**
 * Judges one more tick, O(ticks). Nothing that was decided before is changed. `isUntold`: what of it the release answered is
 * not known: that is evidence of trouble as ever, and of health none.
 */
export function countTick(
  baseline: Baseline,
  before: CountState,
  tick: Tick,
  rules: MetricRules,
  isUntold = false,
): CountTick {
  const after = [...before.after, tick];
  const untold = [...(before.untold ?? []), ...(isUntold ? [before.after.length] : [])];
  const told = toldOf({ ...before, after, untold });
  const beside = leastBeside(after, baseline.dispersion);
  const { warning, ...others } = risesOf(baseline, after, beside, rules);
  const proofOver = (ticks: readonly Tick[]) => {
    const { bad, requests, sides } = countedIn(ticks);
    return okOf(baseline, bad, requests, rules.limit, sides);
  };
  const evidence: CountEvidence = {
    warning: warning.ln,
    critical: others.critical.ln,
    hard: others.hard.ln,
    outage: Math.max(outageOf(baseline, after), ownOutageOf(baseline, after, beside)),
    ok: proofOver(told),
    recent: proofOver(told.slice(-ticksIn(RECENT_MS, rules.tickMs))),
  };
  const gone = isGone(after, baseline.leastTraffic);
  const worst = Math.max(evidence.outage, evidence.critical, evidence.hard);
  const severity = gone ? 'critical' : severityOf(evidence.warning, worst, rules.metrics);
  const isCalm = evidence.warning < 0 && evidence.outage < 0 && !gone;
  const standing = stand(before.standing, severity, isCalm);
  const isOutage = severityOf(0, evidence.outage, rules.metrics) === 'critical';
  const raised = gone ? 'traffic' : isOutage ? 'outage' : 'rise';
  const cause = standing.alarm === null ? null : standing.alarm === severity ? raised : before.cause;
  const cleared = before.cleared || evidence.ok >= PROVEN;
  const isOk = cleared && evidence.ok >= STILL_PROVEN && evidence.recent >= 0;
  const isLeft = rules.proof === 'left' && Math.min(evidence.ok, evidence.recent) >= AGAINST;
  return {
    state: { after, standing, cause, cleared, ...(untold.length > 0 ? { untold } : {}) },
    evidence,
    since: severity === 'critical' ? others.critical.since : warning.since,
    severity,
    proven: (rules.proof === undefined ? isOk : isLeft) && isSeen(told),
  };
}

/** ρ of each severity for what had this rate before: above it the rate has risen. */
const ALLOWED = {
  warning: (rate: number, limit: number) => Math.max(1.25, 1 + (0.05 * limit) / rate),
  critical: (rate: number, limit: number) => Math.max(1.5, 1 + (0.5 * limit) / rate),
  hard: (rate: number, limit: number) => Math.max(2, 1 + (5 * limit) / rate),
} as const;

/**
 * By tick: the bad share that the release before has at least, as its earlier ticks show beyond two standard deviations; 0
 * where they show none. An hour without a failure says little about minutes in which everything fails a little.
 */
function leastBeside(after: readonly Tick[], dispersion: number): readonly number[] {
  let [requests, bad] = [0, 0];
  return after.map((tick) => {
    const least = requests > 0 ? Math.max(0, bad - 2 * Math.sqrt(bad * dispersion)) / requests : 0;
    const [more, moreBad] = besideOf(tick) ?? [0, 0];
    requests += more;
    bad += moreBad;
    return least;
  });
}

/**
 * Evidence that nearly all requests of the release alone fail, whatever the release before answers beside it; none where it
 * never answered beside it. `beside`: as of `leastBeside`.
 */
function ownOutageOf(baseline: Baseline, after: readonly Tick[], beside: readonly number[]): number {
  if (after.every((tick) => besideOf(tick) === null)) return Number.NEGATIVE_INFINITY;
  const rate = Math.max(baseline.rate, beside.at(-1) ?? 0);
  return outageOf({ ...baseline, rate }, after.map(ownOf));
}

function risesOf(
  baseline: Baseline,
  after: readonly Tick[],
  beside: readonly number[],
  { tickMs, settle, limit }: MetricRules,
): Readonly<Record<'warning' | 'critical' | 'hard', Rise>> {
  const bad = lowered(after.map(ownOf), tickMs);
  // Without a baseline, which side by side is not needed, the rate before is taken as low: what is small would else be a rise.
  const rate = baseline.requests > 0 ? baseline.rate : UNKNOWN_RATE * limit;
  const rates = beside.map((least) => Math.max(rate, least));
  const facts = { baseline, after, bad, from: settle, ratios: COUNT_RATIOS };
  const rise = (allowed: (rate: number, limit: number) => number) =>
    riseOf({
      ...facts,
      allowed: allowed(rate, limit),
      allowedBeside: rates.map((one) => allowed(one, limit)),
    });
  return { warning: rise(ALLOWED.warning), critical: rise(ALLOWED.critical), hard: rise(ALLOWED.hard) };
}
