import { byPerson, bySlipway } from '../../audit/entry.ts';
import type { ChartData } from '../../judge/chart.ts';
import type { Judgement, JudgeVerdict } from '../../judge/verdict.ts';
import { type Stage, shareInWords } from '../../release/stages.ts';
import type { UserReport } from '../../reports/report.ts';
import { given } from '../../text/given.ts';
import type { AlarmChange, Called, OwnRollback } from '../alarm.ts';
import type { PromotionEvent } from '../event.ts';
import type { ComingHotfix } from '../hotfix.ts';
import type { MonitorView } from '../promotion.ts';
import { problemShown, type ReportedDocument, reportSaid } from './proof.ts';

/**
 * The window opens; `everyMs` is the length of a tick. `report`: as it is now. The thread gets it with the end of the
 * watch, or now when it could not be committed.
 */
export function watchBegins(
  view: MonitorView,
  everyMs: number,
  report: ReportedDocument | null,
  stage: Stage | null = null,
): PromotionEvent {
  return {
    name: 'monitor-start',
    to: 'monitoring',
    data: { monitor: view, decision: null, notice: problemShown(report) },
    progress: [
      {
        name: 'monitor',
        status: 'running',
        ...(stage === null ? {} : { detail: `${shareInWords(stage.share)} of the requests` }),
      },
    ],
    notice: {
      kind: 'watching',
      until: view.endsAt,
      everyMs,
      ...(stage === null ? {} : { stage }),
      ...(report === null ? {} : { report: reportSaid(report, report.problem !== null) }),
    },
  };
}

/** A share of the requests was watched: the next one follows, as production is well or because a person said so. */
export function stageOver(
  { share, next }: Stage,
  { judgement, acceptedBy }: { readonly judgement: Judgement; readonly acceptedBy: string | null },
): PromotionEvent {
  const { verdict } = judgement;
  const found = acceptedBy === null || verdict === 'healthy' ? {} : { reason: worstReason(judgement) };
  return {
    name: 'stage-over',
    data: { decision: null },
    audit: byPerson(acceptedBy, 'stage.finished', { percent: share, next, verdict, ...found }),
  };
}

/** Somebody reported a problem; `all`: the first of this watch, it included where it is one of them. */
export function problemReported(
  view: MonitorView,
  { by, text = '', place, link }: UserReport,
  all: readonly UserReport[],
): PromotionEvent {
  const where = place === 'form' ? {} : { place, ...(link === undefined ? {} : { link }) };
  return {
    name: 'monitor-report',
    data: { monitor: view, reports: all },
    notice: { kind: 'user-report', by, text, ...where },
  };
}

/** A person made the window longer, held it open, or let it close again. */
export function windowChanged(
  view: MonitorView,
  by: string,
  change: 'extended' | 'held' | 'released',
): PromotionEvent {
  return {
    name: 'monitor-window',
    data: { monitor: view },
    notice: { kind: 'window-changed', by, change, until: view.endsAt },
  };
}

/** Somebody prepares a hotfix: the window stays open until it ships, or until a person rolls back. */
export function hotfixAnnounced(view: MonitorView, { by, fix }: ComingHotfix): PromotionEvent {
  return {
    name: 'monitor-hotfix',
    data: { monitor: view },
    notice: { kind: 'hotfix-announced', by, ...(fix === undefined ? {} : { fix }) },
  };
}

interface Update {
  /** The verdict that the thread heard last: another one goes into the audit, a checkpoint does not. */
  readonly was: JudgeVerdict;
  /** What people are asked to decide; null is nothing. */
  readonly decision: 'warning' | 'unproven' | null;
  readonly alarm: boolean;
  readonly chart?: ChartData;
  /** What is new about an alarm that stands. */
  readonly change?: AlarmChange | undefined;
  readonly rollsBack?: OwnRollback | undefined;
  /** Whether the window is over. */
  readonly isOver: boolean;
  /** For the audit alone. */
  readonly quiet?: boolean | undefined;
}

/** What the thread hears of production during the watch. */
export function productionSeen(view: MonitorView, update: Update): PromotionEvent {
  const { was, decision, alarm, chart, change, quiet, rollsBack, isOver } = update;
  const { judgement, endsAt: until } = view;
  const { verdict } = judgement;
  const notice = {
    kind: 'monitor',
    judgement,
    until,
    alarm,
    isOver,
    ...given({ chart, change, rollsBack }),
  } as const;
  return {
    name: 'monitor-say',
    data: { decision, ...(rollsBack === undefined ? {} : { stoppable: rollsBack.until }) },
    ...(quiet ? {} : { notice }),
    ...(verdict === was
      ? {}
      : { audit: bySlipway('production.turned', { verdict, was, reason: worstReason(judgement) }) }),
  };
}

/** Nobody has taken an alarm: more people are called. */
export function alarmUntaken({ alarm, judgement }: MonitorView, called: Called): PromotionEvent {
  const { since = 0, saidAt = since } = alarm ?? {};
  const forMs = Math.max(0, saidAt - since);
  return {
    name: 'monitor-remind',
    notice: { kind: 'alarm-untaken', since, forMs, verdict: judgement.verdict, ...called },
    audit: bySlipway('alarm.called', { step: called.step, who: called.who }),
  };
}

/** Somebody looks after an alarm: nobody else is called. */
export function alarmTaken(view: MonitorView, by: string): PromotionEvent {
  return {
    name: 'monitor-taken',
    data: { monitor: view },
    notice: { kind: 'alarm-taken', by },
  };
}

/** Why the verdict is what it is, in words. */
export function worstReason(judgement: Judgement): string {
  const worst = judgement.findings.find((finding) => finding.verdict === judgement.verdict);
  return worst === undefined ? `production is ${judgement.verdict}` : `${worst.metric}: ${worst.reason}`;
}
