import type { Judgement } from '../../domain/judge/verdict.ts';
import type { AlarmTick } from '../../domain/promotion/alarm-after-tick.ts';
import type { WatchedRelease } from '../../domain/promotion/events/ending.ts';
import type { ReportedDocument } from '../../domain/promotion/events/proof.ts';
import { rollbackStopped } from '../../domain/promotion/events/rolling-back.ts';
import {
  alarmTaken,
  alarmUntaken,
  hotfixAnnounced,
  problemReported,
  productionSeen,
  watchBegins,
  windowChanged,
  worstReason,
} from '../../domain/promotion/events/watch.ts';
import type { OrderedHotfix } from '../../domain/promotion/hotfix.ts';
import type { MonitorView } from '../../domain/promotion/promotion.ts';
import type { SignsBefore } from '../../domain/promotion/signs.ts';
import { afterTick, isWatchOver, notTold, type Said, toldNow } from '../../domain/promotion/watch-window.ts';
import type { Deployment, Release } from '../../domain/release/release.ts';
import type { Stage } from '../../domain/release/stages.ts';
import { MOST_REPORTS, type UserReport } from '../../domain/reports/report.ts';
import { given } from '../../domain/text/given.ts';
import type { RunMessage } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';
import { calledFor } from '../watch/called-for.ts';
import type { Around } from '../watch/look-around.ts';
import { ownRollback, stoppedInTime, type Undo } from '../watch/own-rollback.ts';
import { windowChart } from '../watch/window-chart.ts';
import { aroundAfter, delayOf, type Judging, judgingAfter, type Ticked, tick, tickMsOf } from './tick.ts';

export type MonitorOutcome =
  | ({ readonly kind: 'shipped'; readonly counted: EarlierWatches } & WatchedRelease)
  | Undo;

const KINDS = ['rollback', 'extend', 'hold', 'release-hold', 'accept', 'hotfix', 'report', 'take'] as const;
/** What is mended by a hotfix has all requests: until then people go back. */
const STAGE_KINDS = KINDS.filter((kind) => kind !== 'hotfix');
const UNSEEN: Judgement = { verdict: 'watching', findings: [] };

/** Of the watches of earlier stages: their buttons mean nothing any more. */
export interface EarlierWatches {
  /** How often the window was changed. */
  readonly window?: number;
  /** How many alarms there were. */
  readonly alarms?: number;
}

/** What is watched. */
interface Live {
  readonly counted?: EarlierWatches;
  /** When the first share of the release was deployed; absent: this is the first. */
  readonly sinceMs?: number;
  readonly release: Release;
  readonly deployment: Pick<Deployment, 'startedAt' | 'finishedAt'>;
  /** What alerts and logs said before the deploy; null where none are asked. */
  readonly before: SignsBefore | null;
  /** The report that was just written; null: none. */
  readonly report: ReportedDocument | null;
}

/**
 * Step 7: watches production after a deploy until the window closes, people decide, or the evidence demands a
 * rollback. It waits for people, at most until the next tick is due. In a stage the window is the stage's, and what `shipped`
 * means is that the next one may follow.
 */
export async function monitor(
  run: PromotionRun,
  live: Live,
  stage: (Stage & { readonly watchMs: number }) | null = null,
): Promise<MonitorOutcome> {
  const { ports, journal } = run;
  const { release, report, counted } = live;
  const { windowMs, tickMs, checkpointMs } = ports.service.monitoring;
  const kinds = stage === null ? KINDS : STAGE_KINDS;
  const policy = { checkpointMs, rollsBack: ports.service.policy.automaticRollback === 'critical' };
  const startedAt = await journal.now();
  let view = {
    ...freshView(startedAt, startedAt + (stage?.watchMs ?? windowMs)),
    ...counted,
  };
  let said: Said = { verdict: view.judgement.verdict, at: startedAt, asked: false };
  let judging: Judging | null = null;
  const heard: UserReport[] = [];
  let around = firstLook(live);
  await run.record(watchBegins(view, tickMs, report, stage && stageOnly(stage)));

  for (let now = startedAt; ; ) {
    const message = await run.inbox.next(kinds, dueAt(view, judging, ports) - now);
    if (message) {
      now = await journal.now();
      if (message.kind === 'rollback') return message;
      if (message.kind === 'accept') {
        // It came while checks ran once more, which went well: there is nothing left to accept, and the watch is to be kept.
        if (message.about === 'unhealthy') continue;
        return closes(view, now, message.by);
      }
      if (message.kind === 'hotfix' && message.next !== undefined) {
        return closes(view, now, message.by, { ...message, next: message.next });
      }
      view = await changed(run, view, message, now, heard);
      if (message.kind === 'extend') said = { ...said, asked: false };
      continue;
    }
    const before = view;
    const known = judging;
    const seen = around;
    const heardSoFar = said;
    const ticked: Ticked = await run.step('monitor-tick', () =>
      tick(run, before, known, seen, { release, said: heardSoFar, hasAll: stage === null }),
    );
    ({ now, view } = ticked);
    judging = judgingAfter(known, ticked);
    around = aroundAfter(seen, ticked);
    const next: AlarmTick = ticked.next ?? afterTick(view, said, now, policy);
    if (next.kind === 'close' && (stage !== null || !(await isMoreSaid(run)))) return closes(view, now, null);
    if (next.kind === 'close' || next.kind === 'go-on') continue;
    if (next.kind === 'remind') {
      await run.record(alarmUntaken(view, await calledFor(run, next.step)));
      continue;
    }
    await say(run, view, next, said, { news: newsFor(before, view, next, said), live, judging });
    if (next.kind === 'roll-back') {
      // A rollback that an earlier version began cannot be stopped.
      const stopped = await stoppedInTime(run, next.stopMs);
      if (stopped === null) return { kind: 'rollback', by: null, reason: worstReason(view.judgement) };
      if (stopped.kind === 'rollback') return stopped;
      now = await journal.now();
      view = { ...takenBy(view, stopped.by, now), stopped: stopped.by };
      await run.record(rollbackStopped(stopped.by, 'warning', view));
      said = { verdict: view.judgement.verdict, at: now, asked: said.asked, told: toldNow(view, said) };
      continue;
    }
    said = { verdict: view.judgement.verdict, at: now, asked: next.asked, told: toldNow(view, said) };
  }
}

function firstLook({ before, deployment, sinceMs }: Live): Around {
  // Whatever began since its first share is of the release.
  const since = { ...deployment, startedAt: sinceMs ?? deployment.startedAt };
  return { before: before ?? { alerts: {}, logs: {} }, signs: null, deployment: since };
}

/** When the next tick can be read. */
function dueAt({ startedAt, tick }: MonitorView, judging: Judging | null, ports: Ports): number {
  return startedAt + (tick + 1) * tickMsOf(judging, ports) + delayOf(ports);
}

/** Whether something was said while the last tick was read: whoever did has been told that it is done. */
async function isMoreSaid(run: PromotionRun): Promise<boolean> {
  const late = run.does('hearsToTheEnd') ? await run.inbox.next(KINDS, 0) : null;
  if (late !== null) run.inbox.putBack(late);
  return late !== null;
}

function stageOnly({ share, next, shares }: Stage): Stage {
  return { share, next, shares };
}

function freshView(startedAt: number, endsAt: number): MonitorView {
  return {
    startedAt,
    endsAt,
    tick: 0,
    judgement: UNSEEN,
    held: false,
    errorRates: [],
    blind: 0,
    reports: 0,
  };
}

function closes(
  { judgement, startedAt, window = 0, alarm, alarms = 0 }: MonitorView,
  now: number,
  acceptedBy: string | null,
  ordered?: OrderedHotfix,
): MonitorOutcome {
  const counted = { window: window + 1, alarms: alarm?.nr ?? alarms };
  const outcome = { kind: 'shipped', judgement, watchedMs: now - startedAt, acceptedBy, counted } as const;
  if (ordered === undefined) return outcome;
  const { next, by, fix } = ordered;
  return { ...outcome, hotfix: { next, by, ...given({ fix }) } };
}

/** What a person said of the window or of production; `heard` gets what they report. */
async function changed(
  run: PromotionRun,
  view: MonitorView,
  message: Extract<RunMessage, { kind: 'report' | 'extend' | 'hold' | 'release-hold' | 'hotfix' | 'take' }>,
  now: number,
  heard: UserReport[],
): Promise<MonitorView> {
  const { by } = message;
  if (message.kind === 'take') {
    if (view.alarm === undefined) return view;
    const taken = { ...view, alarm: { ...view.alarm, taken: { by, at: now } } };
    await run.record(alarmTaken(taken, by));
    return taken;
  }
  if (message.kind === 'report') {
    const { text, place = 'form', link } = message;
    const report: UserReport = { by, at: now, place, ...given({ text: text || undefined, link }) };
    if (heard.length < MOST_REPORTS) heard.push(report);
    const reported = { ...view, reports: view.reports + 1 };
    await run.record(problemReported(reported, report, [...heard]));
    return reported;
  }
  if (message.kind === 'hotfix') {
    const hotfix = { by, at: now, ...given({ fix: message.fix }) };
    const prepared = { ...takenBy(view, by, now), held: true, window: (view.window ?? 0) + 1, hotfix };
    await run.record(hotfixAnnounced(prepared, hotfix));
    return prepared;
  }
  const change = message.kind === 'extend' ? 'extended' : message.kind === 'hold' ? 'held' : 'released';
  const endsAt = message.kind === 'extend' ? Math.max(view.endsAt, now) + message.ms : view.endsAt;
  const held = message.kind === 'hold' || (message.kind === 'extend' && view.held);
  const seen = message.kind === 'hold' ? takenBy(view, by, now) : view;
  const next = { ...withoutQuestion(seen, message.kind), endsAt, held, window: (view.window ?? 0) + 1 };
  await run.record(windowChanged(next, by, change));
  return next;
}

/** Whoever does something about an alarm is on it; who took it already stays. */
function takenBy(view: MonitorView, by: string, at: number): MonitorView {
  const { alarm } = view;
  return alarm === undefined || alarm.taken ? view : { ...view, alarm: { ...alarm, taken: { by, at } } };
}

/** Whoever extends the window has answered what becomes of it; an alarm stands on. */
function withoutQuestion(view: MonitorView, kind: RunMessage['kind']): MonitorView {
  const { alarm, ...rest } = view;
  const isAlarm = alarm?.worst === 'warning' || alarm?.worst === 'critical';
  return kind === 'extend' && alarm !== undefined && !isAlarm ? { ...rest, alarms: alarm.nr } : view;
}

/** The view as the thread hears of it: what it has heard of an alarm that stands is not said again. */
function newsFor(before: MonitorView, now: MonitorView, next: AlarmTick, said: Said): MonitorView {
  const view = notTold(now, said);
  if (next.kind !== 'say' || before.alarm === undefined) return view;
  const { signals } = before.alarm;
  const isAskedAtEnd = next.asked && !said.asked;
  if (!isAskedAtEnd && next.change !== 'other') return view;
  const findings = view.judgement.findings.filter(
    ({ verdict, metric, news = [] }) =>
      (verdict === 'warning' || verdict === 'critical') &&
      (!signals.includes(metric) || news.some((id) => !said.told?.includes(id))),
  );
  return { ...view, judgement: { ...view.judgement, findings } };
}

async function say(
  run: PromotionRun,
  view: MonitorView,
  next: Extract<AlarmTick, { kind: 'say' | 'roll-back' }>,
  said: Said,
  {
    news,
    live: { release, deployment },
    judging,
  }: { readonly news: MonitorView; readonly live: Live; readonly judging: Judging | null },
): Promise<void> {
  const alarm = next.kind === 'roll-back' || next.alarm;
  const decision = next.kind === 'roll-back' ? null : next.decision;
  const chart = alarm
    ? { chart: await windowChart(run, release, deployment.finishedAt, view.judgement) }
    : {};
  const change = next.kind === 'say' ? { change: next.change, quiet: next.quiet } : {};
  await run.recordMade('monitor-say', async () => {
    const stopMs = next.kind === 'roll-back' ? next.stopMs : undefined;
    const rollsBack = await ownRollback(run.ports, run.id, stopMs);
    const isOver = isWatchOver(view, tickMsOf(judging, run.ports));
    const update = { was: said.verdict, decision, alarm, isOver, rollsBack, ...chart, ...change };
    return productionSeen(news, update);
  });
}
