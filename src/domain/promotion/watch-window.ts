import { blindFor } from '../judge/sight.ts';
import type { Judgement, JudgeVerdict } from '../judge/verdict.ts';
import type { MonitorView } from './promotion.ts';

/** Missing samples in a row that are said in the thread. */
const BLIND_TICKS = 5;

/** The window has ended: all of it was looked at, also where the last of it is only known later. */
export function isWatchOver({ held, tick, startedAt, endsAt }: MonitorView, tickMs: number): boolean {
  return !held && startedAt + tick * tickMs >= endsAt;
}

/** What the thread has heard of production so far. */
export interface Said {
  readonly verdict: JudgeVerdict;
  /** ms since the epoch */
  readonly at: number;
  /** The window is over and people were asked what becomes of it. */
  readonly asked: boolean;
  /** Ids of the news that were told; absent: none. */
  readonly told?: readonly string[];
}

export type AfterTick =
  /** Critical, and policy lets the evidence roll back. */
  | { readonly kind: 'roll-back' }
  /** The window is over and production is proven healthy. */
  | { readonly kind: 'close' }
  | {
      readonly kind: 'say';
      readonly alarm: boolean;
      readonly decision: 'warning' | 'unproven' | null;
      readonly asked: boolean;
    }
  | { readonly kind: 'go-on' };

/**
 * What a tick of an earlier version led to, for the journals that have no answer to it; `alarmAfterTick` is that of today.
 * Pure, by what was judged, what was said before, and the time (ms since the epoch). */
export function afterTick(
  view: MonitorView,
  said: Said,
  now: number,
  { checkpointMs, rollsBack }: { readonly checkpointMs: number; readonly rollsBack: boolean },
): AfterTick {
  const { verdict } = view.judgement;
  // Right after a deploy little was seen: that is no news, going blind is, and so is the end of an alarm.
  const isNews = verdict !== 'inconclusive' || seesLittle(view);
  const changed = (verdict !== said.verdict && isNews) || view.judgement.recovered === true;
  const isTold = isNewsTold(view, said);
  const bad = verdict === 'warning' || verdict === 'critical';
  const over = now >= view.endsAt && !view.held;

  if (verdict === 'critical' && changed && rollsBack) return { kind: 'roll-back' };
  if (over && verdict === 'healthy') return { kind: 'close' };
  if (over && !said.asked) {
    return { kind: 'say', alarm: true, decision: bad ? 'warning' : 'unproven', asked: true };
  }
  if (changed || !isTold || now - said.at >= checkpointMs) {
    const decision = bad ? 'warning' : said.asked ? 'unproven' : null;
    return { kind: 'say', alarm: bad && changed, decision, asked: said.asked };
  }
  return { kind: 'go-on' };
}

/** Whether nothing, or not all, is seen of production for so long that people have to know. */
export function seesLittle({ blind, absent = 0, silent = 0 }: MonitorView): boolean {
  return Math.max(blind, absent, silent) >= BLIND_TICKS;
}

/** Whether the thread has heard of all that speaks against production. */
export function isNewsTold(view: MonitorView, { told = [] }: Said): boolean {
  return newsOf(view).every((id) => told.includes(id));
}

/** Ids of what speaks against production and has to be told. */
function newsOf({ judgement }: MonitorView): readonly string[] {
  return judgement.findings.flatMap(({ verdict, news }) =>
    verdict === 'warning' || verdict === 'critical' ? (news ?? []) : [],
  );
}

/** What the thread has heard of after this view was told. */
export function toldNow(view: MonitorView, { told = [] }: Said): readonly string[] {
  return [...new Set([...told, ...newsOf(view)])];
}

/** The view as it is told: without what is told once and was. */
export function notTold(view: MonitorView, { told = [] }: Said): MonitorView {
  const findings = view.judgement.findings.filter(
    ({ once, news = [] }) => once !== true || news.some((id) => !told.includes(id)),
  );
  return { ...view, judgement: { ...view.judgement, findings } };
}

/**
 * Missing samples are never good samples. An alarm that stands is not lowered by going blind. `why`: a sentence, where
 * the reason is known.
 */
export function withBlindness(
  judgement: Judgement,
  { ticks, tickMs }: { readonly ticks: number; readonly tickMs: number },
  why?: string,
): Judgement {
  if (ticks < BLIND_TICKS) return judgement;
  const plain = blindFor(ticks, tickMs);
  const reason = why === undefined ? plain : `${plain} ${why}`;
  const unit = 'count' as const;
  const finding = { metric: 'samples', verdict: 'inconclusive' as const, now: ticks, unit, reason };
  const stands = judgement.verdict === 'critical' || judgement.verdict === 'warning';
  const isSaid = judgement.findings.some((one) => one.reason === plain || one.reason === reason);
  const findings = isSaid
    ? judgement.findings.map((one) => (one.reason === plain ? { ...one, reason } : one))
    : [...judgement.findings, finding];
  return { ...judgement, verdict: stands ? judgement.verdict : 'inconclusive', findings };
}

/**
 * Says which sources did not answer in this tick, a sentence each. What that means for the metrics that are missing is
 * the judge's to say: one missed tick does not make what was proven unproven.
 */
export function withAbsence(judgement: Judgement, sentences: readonly string[]): Judgement {
  const said = judgement.findings.map(({ reason }) => reason);
  const fresh = sentences.filter((sentence) => !said.some((reason) => reason.includes(sentence)));
  const findings = fresh.map((reason) => ({
    metric: 'sources',
    verdict: 'inconclusive' as const,
    unit: 'count' as const,
    reason,
  }));
  return fresh.length === 0 ? judgement : { ...judgement, findings: [...judgement.findings, ...findings] };
}

/** A problem that a person reported asks people to look; it is never a reason to roll back by itself. */
export function withReports(judgement: Judgement, reports: number, tag: string): Judgement {
  if (reports === 0) return judgement;
  const finding = {
    metric: 'user reports',
    verdict: 'warning' as const,
    baseline: 0,
    now: reports,
    unit: 'count' as const,
    reason: `${reports === 1 ? 'One problem was' : `${reports} problems were`} reported with ${tag}.`,
  };
  return {
    ...judgement,
    verdict: judgement.verdict === 'critical' ? 'critical' : 'warning',
    findings: [...judgement.findings, finding],
  };
}
