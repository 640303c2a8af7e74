import type { EventAudit } from '../audit/entry.ts';
import type { Override } from '../policy/override.ts';
import type { Notice } from './notice.ts';
import type { PromotionData, PromotionState, StepName, StepProgress } from './promotion.ts';

/**
 * Something that happened to a promotion: what it changes, what the card's progress and the thread show of it, and
 * its row of the audit. Pure data; a run records it.
 */
export interface PromotionEvent {
  /** Name of its step in the journal of the run: stored, so it is API. */
  readonly name: string;
  /** Only from these states; else Refusal `promotion-moved-on`. */
  readonly from?: readonly PromotionState[];
  readonly to?: PromotionState;
  readonly digest?: string | null;
  /** Members replace; null removes. */
  readonly data?: DataChange;
  /** Approvals that exist become invalid. A change of the digest does that by itself, for good. */
  readonly voidApprovals?: boolean;
  /** Added to the overrides of the promotion; its debt begins. */
  readonly override?: Override;
  /** What was asked of people is asked on: since when, and who looks after it, stays. */
  readonly asksOn?: true;
  readonly audit?: EventAudit;
  /** With times where whoever did it says them. */
  readonly progress?: readonly StepProgress[];
  readonly notice?: Notice;
}

export type DataChange = { readonly [K in keyof PromotionData]?: PromotionData[K] | null };

const STEPS: readonly StepName[] = ['verify', 'approve', 'release', 'deploy', 'health', 'report', 'monitor'];

/** All steps of a promotion, still to come. */
export function freshSteps(): readonly StepProgress[] {
  return STEPS.map((name) => ({ name, status: 'waiting' as const }));
}

/**
 * The steps with one line moved on; times that it does not bring are set when its status first
 * becomes running, done or failed.
 */
export function withStep(
  steps: readonly StepProgress[],
  change: StepProgress,
  now: number,
): readonly StepProgress[] {
  const all = steps.some((step) => step.name === change.name)
    ? steps
    : [...steps, { name: change.name, status: 'waiting' as const }];
  return all.map((step) => {
    if (step.name !== change.name) return step;
    const { detail: _detail, link: _link, finishedAt: _finished, ...kept } = step;
    const over = change.status === 'done' || change.status === 'failed';
    const restarted = change.status === 'running' && step.status !== 'running';
    return {
      ...kept,
      ...change,
      ...(change.status === 'waiting' || change.status === 'skipped'
        ? {}
        : { startedAt: change.startedAt ?? (restarted ? now : (step.startedAt ?? now)) }),
      ...(over ? { finishedAt: change.finishedAt ?? now } : {}),
    };
  });
}
