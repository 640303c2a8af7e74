import type { Baseline } from './evidence/baseline.ts';
import { okOf, PROVEN, STILL_PROVEN } from './evidence/healthy.ts';
import { lowered } from './evidence/lowering.ts';
import { outageOf } from './evidence/outage.ts';
import { COUNT_RATIOS, type Rise, riseOf } from './evidence/rise.ts';
import { sumOf, type Tick, ticksIn } from './evidence/tick.ts';
import { isGone } from './evidence/traffic.ts';
import { NOTHING_STANDS, type Severity, type Standing, stand } from './standing.ts';

/** How one count metric is judged. */
export interface CountRules {
  readonly tickMs: number;
  /** Ticks after the deploy that are not evidence of a rise. */
  readonly settle: number;
  /** Allowed rise of the bad share, ratio 0..1. */
  readonly limit: number;
  /** K: metrics that are judged together, each of which may raise a false alarm. */
  readonly metrics: number;
}

/** What is remembered of a count metric since the deploy; plain JSON. */
export interface CountState {
  readonly after: readonly Tick[];
  readonly standing: Standing;
  /** Health was proven once. */
  readonly cleared: boolean;
}

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
  /** Traffic is gone in this tick. */
  readonly gone: boolean;
  /** What this tick says by itself; an alarm that stands is in the state. */
  readonly severity: Severity;
  readonly healthy: boolean;
}

export const COUNT_START: CountState = { after: [], standing: NOTHING_STANDS, cleared: false };

/** Evidence that each verdict needs, times the number of metrics. */
const NEEDED = { watching: 30, warning: 100, critical: 1_000 } as const;
const RECENT_MS = 600_000;
/** Share of the ticks that must be there, and how many at the end may not all be missing, to call it healthy. */
export const SIGHT = { share: 0.7, blind: 5 } as const;

/** Judges one more tick, O(ticks). Nothing that was decided before is changed. */
export function countTick(baseline: Baseline, before: CountState, tick: Tick, rules: CountRules): CountTick {
  const after = [...before.after, tick];
  const { warning, ...others } = risesOf(baseline, after, rules);
  const all = sumOf(after);
  const recent = sumOf(after.slice(-ticksIn(RECENT_MS, rules.tickMs)));
  const evidence: CountEvidence = {
    warning: warning.ln,
    critical: others.critical.ln,
    hard: others.hard.ln,
    outage: outageOf(baseline, after),
    ok: okOf(baseline, all.bad, all.requests, rules.limit),
    recent: okOf(baseline, recent.bad, recent.requests, rules.limit),
  };
  const gone = isGone(after, baseline.leastTraffic);
  const severity = severityOf(evidence, gone, rules.metrics);
  const isCalm = evidence.warning < 0 && evidence.outage < 0 && !gone;
  const standing = stand(before.standing, severity, isCalm);
  const cleared = before.cleared || evidence.ok >= PROVEN;
  const proven = cleared && evidence.ok >= STILL_PROVEN && evidence.recent >= 0;
  return {
    state: { after, standing, cleared },
    evidence,
    since: severity === 'critical' ? others.critical.since : warning.since,
    gone,
    severity,
    healthy: standing.alarm === null && severity === 'none' && proven && isSeen(after),
  };
}

/** ρ of each severity: above it the rate after the deploy has risen. */
export function allowedRatios(rate: number, limit: number) {
  return {
    warning: Math.max(1.25, 1 + (0.05 * limit) / rate),
    critical: Math.max(1.5, 1 + (0.5 * limit) / rate),
    hard: Math.max(2, 1 + (5 * limit) / rate),
  };
}

function risesOf(
  baseline: Baseline,
  after: readonly Tick[],
  { tickMs, settle, limit }: CountRules,
): Readonly<Record<'warning' | 'critical' | 'hard', Rise>> {
  const bad = lowered(after, tickMs);
  const allowed = allowedRatios(baseline.rate, limit);
  const facts = { baseline, after, bad, from: settle, ratios: COUNT_RATIOS };
  return {
    warning: riseOf({ ...facts, allowed: allowed.warning }),
    critical: riseOf({ ...facts, allowed: allowed.critical }),
    hard: riseOf({ ...facts, allowed: allowed.hard }),
  };
}

function severityOf(evidence: CountEvidence, gone: boolean, metrics: number): Severity {
  const needed = (severity: keyof typeof NEEDED) => Math.log(NEEDED[severity] * metrics);
  const worst = Math.max(evidence.outage, evidence.critical, evidence.hard);
  if (gone || worst >= needed('critical')) return 'critical';
  if (evidence.warning >= needed('warning')) return 'warning';
  return evidence.warning >= needed('watching') ? 'watching' : 'none';
}

/** Whether enough of the ticks are there to call anything healthy. */
export function isSeen(after: readonly Tick[]): boolean {
  const there = after.filter((tick) => tick !== null).length;
  return there >= SIGHT.share * after.length && after.slice(-SIGHT.blind).some((tick) => tick !== null);
}
