import { byPerson, bySlipway } from '../../audit/entry.ts';
import type { GateResult } from '../../gates/gate.ts';
import type { Override } from '../../policy/override.ts';
import { acknowledgersInWords, approversInWords } from '../../policy/policy.ts';
import type { Policy } from '../../policy/service.ts';
import type { PromotionEvent } from '../event.ts';
import type { Plan } from '../plan.ts';
import type { Approval, PromotionRequest } from '../promotion.ts';
import { releaseFacts } from '../proofs.ts';

/** A plan with its digest: what people are asked to approve. */
export interface AskedPlan {
  readonly plan: Plan;
  readonly digest: string;
}

/** A fresh look found the very plan that people are asked about: their votes stand, and they may ask for another look. */
export function planUnchanged(gates: readonly GateResult[]): PromotionEvent {
  return {
    name: 'unchanged',
    from: ['awaiting-approval'],
    to: 'awaiting-approval',
    data: { gates },
    progress: [{ name: 'verify', status: 'done' }],
  };
}

/** A vote is stored that nobody gave here: it does not count, and everybody is told. */
export function unprovenVote({ by, decision, digest, at }: Approval): PromotionEvent {
  return {
    name: `unproven:${by}:${at}`,
    data: {
      notice: { kind: 'problem', text: 'A vote in the database does not count: Slipway did not write it.' },
    },
    notice: { kind: 'unproven', by, decision },
    audit: { ...bySlipway('approval.unproven', { by, decision }, 'refused'), digestAfter: digest },
  };
}

/** The stored plan is not the one that people are asked about: no vote counts, and everybody sees why. */
export const unprovenPlan: PromotionEvent = {
  name: 'unproven-plan',
  data: {
    notice: {
      kind: 'problem',
      text: 'The plan in the database is not the one that people are asked about, so no vote counts. Cancel, and propose it again.',
    },
  },
};

/** Who asked is not what the audit says: no vote counts, and everybody sees why. */
export const unprovenRequest: PromotionEvent = {
  name: 'unproven-request',
  data: {
    notice: {
      kind: 'problem',
      text: 'Who asked for this, or who decided about it, was changed in the database: the signed audit does not say the same. So no vote counts. Cancel, and propose it again.',
    },
  },
};

/** The approvals that were given hold no longer, because the plan is another one. */
export function approvalsVoided(changes: readonly string[]): PromotionEvent {
  return { name: 'voided', notice: { kind: 'voided', changes } };
}

interface Question {
  readonly asked: AskedPlan;
  readonly gates: readonly GateResult[];
  /** What people were asked before, and in words how this plan differs; null when it is the first or the same. */
  readonly before: AskedPlan | null;
  readonly changes: readonly string[] | null;
  readonly policy: Policy;
  /** ms since the epoch */
  readonly at: number;
}

/** All gates passed: people are asked to approve this plan. */
export function planReady({ asked, gates, before, changes, policy, at }: Question): PromotionEvent {
  const expiresAt = at + policy.approvalsExpireMs;
  const { digest } = asked;
  return {
    name: 'ready',
    from: ['checking', 'blocked', 'awaiting-approval'],
    to: 'awaiting-approval',
    digest,
    voidApprovals: true,
    data: {
      gates,
      plan: asked.plan,
      expiresAt,
      decision: null,
      notice: null,
      voided: before && changes ? { was: before.digest, changes, at } : null,
    },
    progress: [
      { name: 'verify', status: 'done' },
      { name: 'approve', status: 'running' },
    ],
    ...(policy.approvals > 0
      ? {
          notice: {
            kind: 'ready',
            approvals: asked.plan.policy.approvals,
            approvers: approversInWords(policy),
            expiresAt,
          },
        }
      : {}),
    audit: {
      ...bySlipway(before === null ? 'plan.ready' : 'plan.changed', changes ? { changes } : undefined),
      digestBefore: before?.digest ?? null,
      digestAfter: digest,
    },
  };
}

/** People chose another size of the version step. */
export function bumpChosen({
  bump,
  lowerConfirmed = false,
  by,
}: Pick<PromotionRequest, 'bump' | 'lowerConfirmed' | 'by'>) {
  return {
    name: 'bump',
    data: { wish: { bump, lowerConfirmed, by } },
    ...(lowerConfirmed ? { notice: { kind: 'risk-accepted', by, risk: 'lower-version', what: [bump] } } : {}),
  } satisfies PromotionEvent;
}

/** Somebody broke the glass: the card is louder from now on, the thread hears why, and the debt begins. */
export function overridden(override: Override, policy: Policy): PromotionEvent {
  const { id, by, reason, due, over } = override;
  return {
    name: `override-${id}`,
    override,
    notice: { kind: 'override', override, approvers: acknowledgersInWords(policy) },
    audit: byPerson(by, 'override.used', { debt: id, reason, over, due }),
  };
}

/** A message says that somebody broke the glass, and the signed audit does not say that they asked for it: it counts for nothing. */
export function unprovenOverride({ id }: Override): PromotionEvent {
  return {
    name: `unproven-override-${id}`,
    data: {
      notice: {
        kind: 'problem',
        text: 'Something that breaks the glass is in the database and does not count: the signed audit does not say that anybody asked for it.',
      },
    },
    audit: bySlipway('override.used', { debt: id }, 'refused'),
  };
}

/** Enough people approved: the release is cut. */
export function agreed({ plan, digest }: AskedPlan): PromotionEvent {
  const { rollbackTo: live } = plan;
  const before = live?.tag && live.commit ? { before: releaseFacts(live) } : undefined;
  return {
    name: 'releasing',
    from: ['awaiting-approval'],
    to: 'releasing',
    data: { expiresAt: null },
    progress: [
      { name: 'approve', status: 'done' },
      { name: 'release', status: 'running' },
    ],
    audit: { ...bySlipway('promotion.agreed', before), digestAfter: digest },
  };
}

/** What people approved holds no longer, and the step that was to come has not begun: they are asked again. */
export function noLongerHolds(step: 'release' | 'deploy', reasons: readonly string[]): PromotionEvent {
  return {
    name: `${step}-withdrawn`,
    to: 'blocked',
    digest: null,
    voidApprovals: true,
    data: { decision: null, notice: { kind: 'problem', text: reasons.join(' ') } },
    progress: [
      { name: 'approve', status: 'waiting' },
      { name: step, status: 'waiting' },
    ],
    notice: { kind: 'voided', changes: reasons, isWithdrawn: true },
    audit: bySlipway('promotion.withdrawn', { reasons }),
  };
}
