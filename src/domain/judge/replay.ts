import type { JudgeRules } from './begin.ts';
import { historyIn, inTicks } from './in-ticks.ts';
import { type JudgeState, type JudgeTick, judge } from './judge.ts';
import type { Sample } from './sample.ts';
import type { Judgement, JudgeVerdict } from './verdict.ts';

/** One tick of a replayed watch. */
export interface ReplayedTick extends Pick<JudgeTick, 'evidence' | 'latency'> {
  /** ISO time of its end, as the sample has it. */
  readonly at: string;
  readonly judgement: Judgement;
}

export interface ReplaySummary {
  /** The last one; inconclusive without ticks. */
  readonly verdict: JudgeVerdict;
  /** The first tick that was at least a warning. */
  readonly first_warning_at: string | null;
  readonly first_critical_at: string | null;
  /** The first tick that was healthy. */
  readonly cleared_at: string | null;
}

/** Samples in the order of time; the deploy is the end of the last tick of the baseline. */
export interface Recording {
  readonly baseline: readonly (Sample | null)[];
  readonly after: readonly (Sample | null)[];
  /** The same time of earlier days, each by itself. */
  readonly history: readonly (readonly (Sample | null)[])[];
  /** End of the last tick of the baseline, ms since the epoch; without one, the beginning of the first tick after. */
  readonly deployedAt: number;
  /** Samples that are in no tick: of before the deploy, later than now, without a time, or given more than once. */
  readonly dropped: number;
}

/** Ticks that a clock may be wrong by. */
const AHEAD_TICKS = 2;

/** Sorts recorded samples into ticks. Samples later than `now` and two ticks are dropped, ms since the epoch. */
export function recordingOf(samples: readonly Sample[], tickMs: number, now: number): Recording {
  const toMs = horizonOf(samples, now) + AHEAD_TICKS * tickMs;
  const of = (phase: Sample['phase']) => samples.filter((sample) => sample.phase === phase);
  const baseline = inTicks(of('baseline'), { toMs, tickMs });
  const after = of('after');
  const deployedAt = Math.max(
    ...baseline.map((sample) => (sample === null ? Number.NEGATIVE_INFINITY : Date.parse(sample.at))),
  );
  const fromMs = Number.isFinite(deployedAt)
    ? deployedAt
    : Math.min(...after.map(({ at }) => Date.parse(at)).filter(Number.isFinite)) - tickMs;
  const since = inTicks(after, { fromMs, toMs, tickMs });
  const history = historyIn(samples, tickMs);
  const kept = [...baseline, ...since, ...history.flat()].filter((sample) => sample !== null).length;
  return { baseline, after: since, history, deployedAt: fromMs, dropped: samples.length - kept };
}

/** Now, unless most of the samples are later: then their clock is another one. */
function horizonOf(samples: readonly Sample[], now: number): number {
  const times = samples.map(({ at }) => Date.parse(at)).filter(Number.isFinite);
  const later = times.filter((at) => at > now).length;
  return later * 2 > times.length ? Number.POSITIVE_INFINITY : now;
}

/** Judges a recording tick by tick, as it would have been judged live. */
export function* replay(
  { baseline, after, history, deployedAt }: Recording,
  rules: JudgeRules,
): Generator<ReplayedTick> {
  const start = judge.begin(baseline, rules, history, deployedAt);
  let state: JudgeState | null = null;
  let time = deployedAt;
  for (const sample of after) {
    const tick: JudgeTick = judge.tick(start, state, sample);
    state = tick.state;
    time = sample === null ? time + rules.tickMs : Date.parse(sample.at);
    const at = sample?.at ?? new Date(time).toISOString();
    yield { at, judgement: tick.judgement, evidence: tick.evidence, latency: tick.latency };
  }
}

export function summaryOf(ticks: readonly ReplayedTick[]): ReplaySummary {
  const first = (...verdicts: readonly JudgeVerdict[]) =>
    ticks.find(({ judgement }) => verdicts.includes(judgement.verdict))?.at ?? null;
  return {
    verdict: ticks.at(-1)?.judgement.verdict ?? 'inconclusive',
    first_warning_at: first('warning', 'critical'),
    first_critical_at: first('critical'),
    cleared_at: first('healthy'),
  };
}
