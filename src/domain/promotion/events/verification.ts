import { bySlipway } from '../../audit/entry.ts';
import { type GateResult, letsGoOn } from '../../gates/gate.ts';
import type { PromotionEvent } from '../event.ts';
import type { Plan } from '../plan.ts';

/** Everything is looked at once more. `isAnswered`: what people were asked about what failed is not asked any more. */
export function lookingAgain(isAnswered: boolean): PromotionEvent {
  return {
    name: 'looking-again',
    progress: [{ name: 'verify', status: 'running' }],
    data: { notice: null, ...(isAnswered ? { decision: null } : {}) },
  };
}

interface InTheWay {
  readonly gates: readonly GateResult[];
  readonly plan: Plan | null;
  /** The bump that was asked for is below the evidence. */
  readonly lowerBump: boolean;
  /** False: the thread has heard of exactly these gates already. */
  readonly isNews: boolean;
  /** Nobody asked for this look. Without news what the card asks stays the same, and its buttons count. */
  readonly byItself: boolean;
  /** Slack user ids: whose approvals become void. */
  readonly voters: readonly string[];
}

/** Gates do not pass: people see which, and approvals are void. */
export function blocked({ gates, plan, lowerBump, isNews, byItself, voters }: InTheWay): PromotionEvent {
  const open = gates.filter((gate) => !letsGoOn(gate));
  return {
    name: 'blocked',
    from: ['checking', 'blocked', 'awaiting-approval'],
    ...(isNews || !byItself ? { to: 'blocked' } : {}),
    digest: null,
    voidApprovals: true,
    data: { gates, plan, decision: lowerBump ? 'lower-bump' : null, expiresAt: null },
    progress: [
      {
        name: 'verify',
        status: 'failed',
        detail: open.length === 1 ? '1 gate is not passed' : `${open.length} gates are not passed`,
      },
      { name: 'approve', status: 'waiting' },
    ],
    ...(isNews
      ? {
          notice: { kind: 'blocked', gates: open, ...(voters.length > 0 ? { voided: voters } : {}) },
          audit: bySlipway('promotion.blocked', { gates: open.map(({ id }) => id) }),
        }
      : {}),
  };
}
