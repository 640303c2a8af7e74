import { ownValue } from '../text/own.ts';
import { judgeAlerts, stillKnown } from './alerts.ts';
import { beginJudging, besideIn, countOf, type JudgeRules, type JudgeStart } from './begin.ts';
import { COUNT_START, type CountEvidence, type CountState, countTick } from './counts/count-metric.ts';
import { countFindings } from './counts/count-words.ts';
import { ERROR_RATE, type SideNames } from './counts/phrases.ts';
import { baselineOf } from './evidence/baseline.ts';
import { LATENCY_START, type LatencyState, type LatencyTick, latencyTick } from './latency/latency-metric.ts';
import { latencyFinding, percentileFinding, unknownLatency } from './latency/latency-words.ts';
import { PERCENTILE_START, type PercentileState, percentileTick } from './latency/percentile-metric.ts';
import type { Beside, Sample } from './sample.ts';
import type { MetricRules } from './standing.ts';
import { type Judgement, worstVerdict } from './verdict.ts';

/** All that the judge remembers since the deploy; plain JSON. */
export interface JudgeState {
  /** How many ticks were judged, the missing ones too. */
  readonly ticks: number;
  readonly counts: Readonly<Record<string, CountState>>;
  readonly latency: LatencyState | null;
  readonly percentiles: PercentileState;
  /** Latency was measured since the deploy. */
  readonly measured: boolean;
  /** Critical alerts as they were last heard of; null where nobody tells. */
  readonly alerts: readonly string[] | null;
  /** Those of before the deploy that have not stopped since; null: not known; absent in what an older version stored. */
  readonly knownAlerts?: readonly string[] | null;
  /** Of those, the ones of which it is only supposed; absent: none. */
  readonly unsureAlerts?: readonly string[];
  /** In how many answers in a row one of those did not fire; absent: each did in the last one. */
  readonly quietAlerts?: Readonly<Record<string, number>>;
  /** How the release and the one before it are told apart, by metric; absent until they were. */
  readonly sides?: Readonly<Record<string, SideNames>>;
  /** Why they are not, though that was wanted, a sentence. */
  readonly apart?: string;
}

export interface JudgeTick {
  readonly state: JudgeState;
  readonly judgement: Judgement;
  /** Of the error rate. */
  readonly evidence: CountEvidence;
  /** Of latency, where there are histograms to compare. */
  readonly latency: LatencyTick['evidence'] | null;
}

/** Decides whether production is healthy, a tick at a time; pure, and all it remembers is plain JSON. */
export interface Judge {
  /**
   * Begins a watch from the consecutive ticks that end with the deploy; null: a missing tick. `history`: those of the same
   * time of earlier days.
   */
  begin(
    baseline: readonly (Sample | null)[],
    rules: JudgeRules,
    history?: readonly (readonly (Sample | null)[])[],
    deployedAt?: number,
  ): JudgeStart;
  /** Judges one more tick after the deploy; null: a missing tick. `before` is null for the first one. */
  tick(start: JudgeStart, before: JudgeState | null, sample: Sample | null): JudgeTick;
}

const UNCOUNTED = 'Nobody counts the requests that fail: that production is healthy cannot be proven.';

export const judge: Judge = { begin: beginJudging, tick: judgeTick };

function judgeTick(start: JudgeStart, before: JudgeState | null, sample: Sample | null): JudgeTick {
  const counts = judgeCounts(start, before, sample);
  const latency = judgeLatency(start, before, sample, counts.rules);
  const alerts = sample?.alerts ?? before?.alerts ?? null;
  const known = stillKnown(
    {
      known: before?.knownAlerts ?? start.alerts,
      unsure: before?.unsureAlerts ?? [],
      quiet: before?.quietAlerts ?? {},
    },
    sample ?? {},
    start.deployedAt,
  );
  const apart = sample?.apart ?? before?.apart;
  const uncounted = latency.state.measured && counts.unseen;
  const findings = [
    ...counts.findings.map((finding) => {
      if (finding.metric !== ERROR_RATE) return finding;
      if (uncounted) return { ...finding, reason: UNCOUNTED };
      const isTold = apart === undefined || (counts.sides[ERROR_RATE] !== undefined && !counts.isUntold);
      return isTold ? finding : { ...finding, reason: `${finding.reason} ${apart}` };
    }),
    ...latency.findings,
    ...(alerts === null ? [] : [judgeAlerts(known, alerts)]),
  ];
  const verdict = worstVerdict(findings.map((finding) => finding.verdict));
  const recovered =
    (counts.recovered || latency.recovered) && verdict !== 'warning' && verdict !== 'critical';
  return {
    state: {
      ticks: (before?.ticks ?? 0) + 1,
      counts: counts.states,
      ...latency.state,
      alerts,
      knownAlerts: known.known,
      ...(known.unsure.length === 0 ? {} : { unsureAlerts: known.unsure }),
      ...(Object.keys(known.quiet).length === 0 ? {} : { quietAlerts: known.quiet }),
      ...(Object.keys(counts.sides).length === 0 ? {} : { sides: counts.sides }),
      ...(apart === undefined ? {} : { apart }),
    },
    judgement: { verdict, findings, ...(recovered ? { recovered: true } : {}) },
    evidence: counts.evidence,
    latency: latency.evidence,
  };
}

/** Count metrics: those of the baseline, and those that were not counted before the deploy. */
function judgeCounts(start: JudgeStart, before: JudgeState | null, sample: Sample | null) {
  const names = new Set([
    ...Object.keys(start.counts),
    ...Object.keys(before?.counts ?? {}),
    ...Object.keys(sample?.counts ?? {}),
  ]);
  const rules = rulesOf(start.rules, names.size + (start.latency || start.percentiles.length > 0 ? 1 : 0));
  const nothing = baselineOf([], rules.tickMs);
  const missed = new Array<null>(before?.ticks ?? 0).fill(null);
  const judged = [...names].map((name) => {
    const baseline = ownValue(start.counts, name) ?? nothing;
    const known = ownValue(before?.counts, name) ?? { ...COUNT_START, after: missed };
    const proof = name === ERROR_RATE ? 'none' : 'left';
    const own: MetricRules = {
      ...rules,
      limit: ownValue(start.rules.counts, name) ?? rules.limit,
      ...(start.rules.late?.includes(name) ? { proof } : {}),
    };
    const wereTold = ownValue(before?.sides, name);
    const beside = besideIn(sample, name);
    // Who goes on by shares, or has seen the releases apart before, takes nothing of the other one for a proof.
    const isApart = beside === undefined && sample?.apart !== undefined;
    const isUntold = isApart && (start.rules.isShare === true || wereTold !== undefined);
    const tick = countTick(baseline, known, countOf(sample, name), own, isUntold);
    const names = sideNames(wereTold, beside);
    return { name, tick, names, isUntold, findings: countFindings(name, baseline, tick, own, names) };
  });
  const errors = judged.find(({ name }) => name === ERROR_RATE);
  if (errors === undefined) throw new Error('The watch was begun without an error rate.');
  return {
    rules,
    states: Object.fromEntries(judged.map(({ name, tick }) => [name, tick.state])),
    findings: judged.flatMap(({ findings }) => findings),
    sides: Object.fromEntries(
      judged.flatMap(({ name, names }) => (names === undefined ? [] : [[name, names]])),
    ),
    isUntold: errors.isUntold,
    unseen: errors.tick.state.after.every((tick) => tick === null),
    recovered: judged.some(({ tick }) => tick.state.standing.recovered),
    evidence: errors.tick.evidence,
  };
}

/** As they are called now; the one before as it was called last. */
function sideNames(known: SideNames | undefined, now: Beside | undefined): SideNames | undefined {
  if (now === undefined) return known;
  const other = now.other ?? known?.other;
  return { release: now.release, ...(other === undefined ? {} : { other }) };
}

/** Latency by histograms, else by percentiles. Measured only before or only after the deploy it is not comparable. */
function judgeLatency(
  start: JudgeStart,
  before: JudgeState | null,
  sample: Sample | null,
  { limit: _, ...common }: MetricRules,
) {
  const rules = { ...common, limit: start.rules.latencyRise };
  const measured =
    before?.measured === true || sample?.latency !== undefined || sample?.percentiles_ms !== undefined;
  const state = {
    latency: before?.latency ?? null,
    percentiles: before?.percentiles ?? PERCENTILE_START,
    measured,
  };
  if (start.latency !== null) {
    const tick = latencyTick(start.latency, state.latency ?? LATENCY_START, sample?.latency, rules);
    const finding = latencyFinding(start.latency, tick, rules);
    const { recovered } = tick.state.standing;
    return {
      state: { ...state, latency: tick.state },
      findings: [finding],
      recovered,
      evidence: tick.evidence,
    };
  }
  if (start.percentiles.length > 0) {
    const tick = percentileTick(start.percentiles, state.percentiles, sample?.percentiles_ms ?? null, rules);
    const finding = percentileFinding(tick, rules);
    const { recovered } = tick.state.standing;
    return { state: { ...state, percentiles: tick.state }, findings: [finding], recovered, evidence: null };
  }
  const findings = measured ? [unknownLatency('Nothing is known of the latency before the deploy.')] : [];
  return { state, findings, recovered: false, evidence: null };
}

function rulesOf({ tickMs, settleMs, errorRateRise }: JudgeRules, metrics: number): MetricRules {
  return { tickMs, settle: Math.round(settleMs / tickMs), limit: errorRateRise, metrics };
}
