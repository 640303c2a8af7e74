import type { JudgeVerdict } from '../judge/verdict.ts';
import { type Alarm, type AlarmChange, type CallStep, pauseMs } from './alarm.ts';
import type { MonitorView } from './promotion.ts';
import { type AfterTick, isNewsTold, isWatchOver, type Said, seesLittle } from './watch-window.ts';

export type AlarmTick =
  | Exclude<AfterTick, { kind: 'say' | 'roll-back' }>
  /** `stopMs`: how long people have to stop it; absent: not at all. */
  | { readonly kind: 'roll-back'; readonly stopMs?: number }
  | (Extract<AfterTick, { kind: 'say' }> & {
      /** What is new about it; absent: it begins, or people are asked at the end of the window. */
      readonly change?: AlarmChange;
      /** It goes into the audit and not into the thread. */
      readonly quiet?: true;
    })
  | { readonly kind: 'remind'; readonly step: CallStep };

interface AlarmPolicy {
  /** The first reminder comes so long after the thread heard of an alarm, each further one after twice as long; ms. */
  readonly remindMs: number;
  readonly rollsBack: boolean;
  /** How often production is looked at, ms. */
  readonly tickMs: number;
  /** How long people have to stop it, ms. */
  readonly stopMs?: number | undefined;
}

/** What comes and goes within this time, ms, or within so many looks, is one alarm: whichever is shorter. */
const LONGEST_CALM_MS = 5 * 60_000;
const CALM_TICKS = 10;

const RANK: Readonly<Record<JudgeVerdict, number>> = {
  healthy: 0,
  watching: 0,
  inconclusive: 0,
  warning: 1,
  critical: 2,
};

/**
 * What a tick leads to, and the alarm that stands after it: said once, then only when it becomes worse or better, or
 * something else is seen, and people are called at growing intervals until somebody takes it. Pure; `now` is ms since
 * the epoch.
 */
export function alarmAfterTick(
  view: MonitorView,
  said: Said,
  now: number,
  policy: AlarmPolicy,
): { readonly view: MonitorView; readonly next: AlarmTick } {
  const { verdict } = view.judgement;
  const alarm = view.alarm ?? fromBefore(view, said);
  const with_ = (next: AlarmTick, standing: Alarm | undefined = alarm) => {
    const { alarm: _alarm, ...rest } = view;
    return { view: standing === undefined ? rest : { ...rest, alarm: standing }, next };
  };
  const isBad = RANK[verdict] > 0;
  const isOver = isWatchOver(view, policy.tickMs);
  const heard = begun(view, alarm, now);
  const calmMs = Math.min(LONGEST_CALM_MS, CALM_TICKS * policy.tickMs);

  const mayRollBack = policy.rollsBack && view.stopped === undefined;
  if (verdict === 'critical' && mayRollBack && alarm?.worst !== 'critical')
    return with_({ kind: 'roll-back', ...(policy.stopMs ? { stopMs: policy.stopMs } : {}) }, heard);
  if (isOver && verdict === 'healthy') return with_({ kind: 'close' });
  if (isOver && !said.asked) {
    const decision = isBad ? 'warning' : 'unproven';
    return with_({ kind: 'say', alarm: true, decision, asked: true }, heard);
  }
  const asked = { asked: said.asked };
  const decision = said.asked ? 'unproven' : null;
  if (!isBad && alarm !== undefined && !said.asked) {
    const better = alarm.better ?? now;
    if (view.judgement.recovered !== true && now - better < calmMs)
      return with_({ kind: 'go-on' }, { ...alarm, better });
    const { alarm: _over, ...calm } = view;
    const next = { kind: 'say', alarm: false, decision, ...asked, change: 'over' } as const;
    return { view: { ...calm, alarms: alarm.nr }, next };
  }
  if (alarm === undefined && isBad)
    return with_({ kind: 'say', alarm: true, decision: 'warning', ...asked }, heard);
  if (alarm !== undefined) {
    const standing = stands(view, alarm, said, { now, calmMs });
    if (standing !== null) {
      const { change, after } = standing;
      const whatIsAsked = isBad ? 'warning' : decision;
      if (change === null) return with_({ kind: 'go-on' }, after);
      return with_(
        { kind: 'say', alarm: change === 'worse', decision: whatIsAsked, ...asked, change },
        after,
      );
    }
    const { taken, reminders, saidAt } = alarm;
    if (taken === undefined && now - saidAt >= pauseMs(policy.remindMs, reminders)) {
      const step = reminders === 0 ? 'approvers' : 'on-call';
      return with_({ kind: 'remind', step }, { ...alarm, saidAt: now, reminders: reminders + 1 });
    }
    return with_({ kind: 'go-on' });
  }
  const isNews = verdict !== said.verdict && (verdict !== 'inconclusive' || seesLittle(view));
  if (!isNews && view.judgement.recovered !== true) return with_({ kind: 'go-on' });
  const isTold = verdict === 'inconclusive' || said.verdict === 'inconclusive';
  return with_({ kind: 'say', alarm: false, decision, ...asked, ...(isTold ? {} : { quiet: true }) });
}

/** Names of what speaks against production now. */
function signalsOf({ judgement }: MonitorView): readonly string[] {
  return [
    ...new Set(judgement.findings.flatMap(({ verdict, metric }) => (RANK[verdict] > 0 ? [metric] : []))),
  ];
}

/** The alarm as the thread hears of it now. */
function begun(view: MonitorView, alarm: Alarm | undefined, now: number): Alarm {
  const { better: _better, ...standing } = alarm ?? {
    nr: (view.alarms ?? 0) + 1,
    since: now,
    reminders: 0,
    signals: [],
  };
  const signals = [...new Set([...standing.signals, ...signalsOf(view)])];
  return { ...standing, worst: view.judgement.verdict, signals, saidAt: now };
}

/** An alarm that an earlier version said, which kept none. */
function fromBefore(view: MonitorView, { verdict, at }: Said): Alarm | undefined {
  if (RANK[verdict] === 0 || RANK[view.judgement.verdict] === 0) return undefined;
  return { nr: 1, since: at, worst: verdict, signals: signalsOf(view), saidAt: at, reminders: 0 };
}

/** What is new about an alarm, `null` being nothing to say; null where nothing about it has changed. */
function stands(
  view: MonitorView,
  alarm: Alarm,
  said: Said,
  { now, calmMs }: { readonly now: number; readonly calmMs: number },
): { readonly change: 'worse' | 'other' | 'better' | null; readonly after: Alarm } | null {
  const { verdict } = view.judgement;
  const rank = RANK[verdict];
  if (rank > RANK[alarm.worst]) return { change: 'worse', after: begun(view, alarm, now) };
  const isOther = signalsOf(view).some((one) => !alarm.signals.includes(one)) || !isNewsTold(view, said);
  if (isOther) return { change: 'other', after: { ...begun(view, alarm, now), worst: alarm.worst } };
  if (rank === 0 || rank === RANK[alarm.worst]) {
    if (alarm.better === undefined) return null;
    const { better: _better, ...worse } = alarm;
    return { change: null, after: worse };
  }
  const { better = now } = alarm;
  if (now - better >= calmMs) return { change: 'better', after: begun(view, alarm, now) };
  return alarm.better === undefined ? { change: null, after: { ...alarm, better } } : null;
}
