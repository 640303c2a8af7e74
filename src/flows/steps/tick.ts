import type { MetricSource, Range } from '../../adapters/metrics/port.ts';
import type { JudgeStart } from '../../domain/judge/begin.ts';
import { rate } from '../../domain/judge/chart.ts';
import { type CheckStandings, withChecks } from '../../domain/judge/checks.ts';
import { ERROR_RATE } from '../../domain/judge/counts/phrases.ts';
import { historyIn, inTicks, withWatchStart } from '../../domain/judge/in-ticks.ts';
import type { JudgeState } from '../../domain/judge/judge.ts';
import type { Sample } from '../../domain/judge/sample.ts';
import { type Judgement, withFindings } from '../../domain/judge/verdict.ts';
import { measured } from '../../domain/operations/measures.ts';
import { type AlarmTick, alarmAfterTick } from '../../domain/promotion/alarm-after-tick.ts';
import type { MonitorView } from '../../domain/promotion/promotion.ts';
import { type Said, withAbsence, withBlindness, withReports } from '../../domain/promotion/watch-window.ts';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { Release } from '../../domain/release/release.ts';
import { comparable, judgeRulesOf } from '../run/baseline.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { lookAtChecks } from '../watch/checks.ts';
import { type Around, findingsOf, type Looked, lookAround, signsOf, silent } from '../watch/look-around.ts';

/** How many ticks the card shows. */
const SHOWN_TICKS = 60;
const UNSEEN: Judgement = { verdict: 'inconclusive', findings: [] };

/** Where the judge is: what it began with, and what it remembers of the ticks that could be read so far. */
export interface Judging {
  readonly start: JudgeStart;
  readonly state: JudgeState | null;
  readonly judgement: Judgement;
  /** Of the health checks; absent until they were asked, and in journals of earlier versions. */
  readonly checks?: CheckStandings;
}

/** The answer of a tick as it is journaled. */
export interface Ticked {
  readonly now: number;
  readonly view: MonitorView;
  /** Only of the first tick: it does not change afterwards. Absent in journals of earlier versions, as is the rest. */
  readonly start?: JudgeStart;
  readonly judged?: Omit<Judging, 'start'>;
  /** Absent where no alerts and logs are asked. */
  readonly signs?: Looked['signs'];
  readonly learned?: Looked['learned'];
  /** What it leads to; absent in journals of earlier versions. */
  readonly next?: AlarmTick;
}

const LATE =
  'The source answers without a value of that time: if its figures come late, raise `metrics.delay`.';

/**
 * Reads the ticks since the last one that was read, stores them, and judges them one after the other. A read that fails
 * uses up no tick: the next one asks from there again. `judging` is null for the first tick.
 */
export async function tick(
  run: PromotionRun,
  before: MonitorView,
  judging: Judging | null,
  around: Around,
  { release, said, hasAll }: { readonly release: Release; readonly said: Said; readonly hasAll: boolean },
): Promise<Ticked> {
  const { ports, id } = run;
  const { checkpointMs } = ports.service.monitoring;
  const tickMs = tickMsOf(judging, ports);
  const { startedAt } = before;
  const now = ports.clock.now();
  const lagMs = now - delayOf(ports) - startedAt - (before.tick + 1) * tickMs;
  measured('tick', { service: ports.service.name, lagMs: Math.max(0, lagMs) });
  const due = dueTick(before, now - delayOf(ports), tickMs);
  ports.metrics?.observe(Math.max(before.endsAt, now) + delayOf(ports) + 2 * tickMs);

  const { startedAt: deployedAt } = around.deployment;
  const known = judging ?? (await remembered(run, before, deployedAt));
  const done = known.state?.ticks ?? 0;
  const span = { fromMs: startedAt + done * tickMs, toMs: startedAt + due * tickMs };
  const range = { ...span, stepMs: tickMs, sinceMs: startedAt, isLive: true, release };
  const [{ samples: fresh, absent }, looked, checks] = await Promise.all([
    readOrNothing(ports.metrics, range),
    lookAround(ports, around),
    lookAtChecks(run, known.checks ?? null, release, hasAll),
  ]);
  if (fresh !== null) await ports.ledger.addSamples(id, fresh);
  const judged =
    fresh === null ? known : judgedWith(ports, known, inTicks(fresh, { ...span, tickMs }), due - done);
  const rates = [...ratesOf(judged.state), ...new Array<null>(due - (judged.state?.ticks ?? 0)).fill(null)];
  const blind = rates.length - 1 - rates.findLastIndex((one) => one !== null);
  const { absent: _, silent: _silent, ...rested } = before;
  const late = ports.metrics?.delayMs !== undefined && absent.length === 0 && isUnvalued(judged.state, blind);
  const why = fresh === null ? absent[0] : late ? LATE : undefined;
  const seen = withChecks(judged.judgement, checks);
  const complete = withAbsence(withBlindness(seen, { ticks: blind, tickMs }, why), absent);
  const found = withFindings(complete, findingsOf(ports, around, looked));
  const unjudged = {
    ...rested,
    tick: due,
    judgement: withReports(found, before.reports, release.tag),
    blind,
    ...(absent.length > 0 ? { absent: (before.absent ?? 0) + 1 } : {}),
    ...silent(looked),
    errorRates: rates.slice(-SHOWN_TICKS),
  };
  const { policy, stopWithinMs: stopMs } = ports.service;
  const rollsBack = policy.automaticRollback === 'critical' && (await hasBefore(run));
  const rules = { remindMs: checkpointMs, tickMs, rollsBack, stopMs };
  const { view, next } = alarmAfterTick(unjudged, said, now, rules);
  await run.show({ monitor: view });
  const { start, ...rest } = judged;
  const state = { ...rest, checks: checks.standings };
  return { now, view, next, judged: state, ...(judging === null ? { start } : {}), ...signsOf(looked) };
}

/** Whether there is a release to go back to. */
async function hasBefore({ ports, id }: PromotionRun): Promise<boolean> {
  return (await ports.ledger.get(id)).data.plan?.rollbackTo != null;
}

/**
 * The tick up to which is read now. Whatever was missed, by a bot that was frozen or a clock that was set forward, is
 * judged up to the end of the window and no further; beyond it a window's length at a time.
 */
function dueTick({ startedAt, endsAt, tick }: MonitorView, readable: number, tickMs: number): number {
  const ofWindow = Math.ceil((endsAt - startedAt) / tickMs);
  const most = tick < ofWindow ? ofWindow : tick + ofWindow;
  return Math.max(tick + 1, Math.min(Math.floor((readable - startedAt) / tickMs), most));
}

/** Where the judge is after a tick; null when that has to be looked up again. */
export function judgingAfter(
  before: Judging | null,
  { start = before?.start, judged }: Ticked,
): Judging | null {
  return start === undefined || judged === undefined ? null : { start, ...judged };
}

/** What the next look around begins with. */
export function aroundAfter({ before, ...around }: Around, { signs, learned }: Ticked): Around {
  return {
    ...around,
    before: learned === undefined ? before : { ...before, logs: { ...before.logs, ...learned } },
    signs: signs ?? around.signs,
  };
}

/** A tick is as long as when the watch began, whatever the configuration says by now; ms. */
export function tickMsOf(judging: Judging | null, { service }: Ports): number {
  return judging?.start.rules.tickMs ?? service.monitoring.tickMs;
}

/** How long after its end a tick can be read whole, in ms. */
export function delayOf({ metrics }: Ports): number {
  return metrics?.delayMs ?? 0;
}

/** What is stored of this promotion: the baseline, and the ticks that were seen before this version of Slipway. */
async function remembered(
  { ports, id }: PromotionRun,
  { startedAt, tick }: MonitorView,
  deployedAt: number,
): Promise<Judging> {
  const { tickMs } = ports.service.monitoring;
  const { stage } = (await ports.ledger.get(id)).data;
  const all = withWatchStart(await comparable(ports, await ports.ledger.samples(id)), startedAt);
  const baseline = all.filter(({ phase }) => phase === 'baseline');
  const after = all.filter(({ phase }) => phase === 'after');
  const [ticks, history] = [inTicks(baseline, { tickMs }), historyIn(all, tickMs)];
  const rules = {
    ...judgeRulesOf(ports),
    ...((stage?.share ?? 100) < 100 ? { isShare: true as const } : {}),
  };
  const start = ports.judge.begin(ticks, rules, history, deployedAt);
  const span = { fromMs: startedAt, toMs: startedAt + tick * tickMs, tickMs };
  return judgedWith(ports, { start, state: null, judgement: UNSEEN }, inTicks(after, span), tick);
}

/** Judges so many more ticks; those that are not among the samples are missing. */
function judgedWith(
  { judge }: Ports,
  { start, ...known }: Judging,
  samples: readonly (Sample | null)[],
  ticks: number,
): Judging {
  let { state, judgement } = known;
  let recovered = false;
  for (let index = 0; index < ticks; index++) {
    ({ state, judgement } = judge.tick(start, state, samples[index] ?? null));
    recovered ||= judgement.recovered === true;
  }
  const isBad = judgement.verdict === 'warning' || judgement.verdict === 'critical';
  return { start, state, judgement: recovered && !isBad ? { ...judgement, recovered } : judgement };
}

/** Null samples when the source does not answer; why that is, or why parts of it did not, a sentence each. */
async function readOrNothing(
  metrics: MetricSource | null,
  range: Range,
): Promise<{ readonly samples: readonly Sample[] | null; readonly absent: readonly string[] }> {
  try {
    const samples = (await metrics?.read(range, 'after')) ?? [];
    return { samples, absent: metrics?.absent?.() ?? [] };
  } catch (error) {
    // A source that lets nobody in shows as little as one that is away.
    if (error instanceof Refusal) return { samples: null, absent: [explain(error).text] };
    if (error instanceof Unavailable) return { samples: null, absent: [sentence(error.message)] };
    throw error;
  }
}

/** Words as a sentence of their own. */
function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** The last ticks have no value at all: with 0 requests it is quiet, and nothing is late. */
function isUnvalued(state: JudgeState | null, ticks: number): boolean {
  const after = state?.counts[ERROR_RATE]?.after ?? [];
  return after.slice(-ticks).every((counts) => counts === null);
}

/** The error rate of each tick, ratio 0..1; null where nothing was seen. */
function ratesOf(state: JudgeState | null): readonly (number | null)[] {
  const errors = state?.counts[ERROR_RATE]?.after ?? [];
  return errors.map((counts) => counts && rate(counts[1], counts[0]));
}
