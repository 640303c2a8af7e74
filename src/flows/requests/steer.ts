import type { Action } from '../../domain/policy.ts';
import type { Promotion, PromotionState } from '../../domain/promotion.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Message } from '../run.ts';
import { audited, type Caller, type Office, portsOf, runOf, sourceOf } from './office.ts';
import { mustBeAllowed } from './permission.ts';

/** What people may tell a running promotion, besides votes and rollbacks. */
export type Steering = Exclude<Message, { kind: 'vote' | 'rollback' }> extends infer M ? Without<M> : never;
type Without<M> = M extends { by: string } ? Omit<M, 'by'> : never;

interface Rule {
  readonly action: Action;
  readonly states: readonly PromotionState[];
  /** Only while the promotion asks for this decision. */
  readonly decisions?: readonly NonNullable<Promotion['data']['decision']>[];
}

const RULES: Readonly<Record<Steering['kind'], Rule>> = {
  recheck: { action: 'start', states: ['blocked', 'awaiting-approval'] },
  bump: { action: 'start', states: ['blocked', 'awaiting-approval'] },
  cancel: { action: 'start', states: ['checking', 'blocked', 'awaiting-approval', 'deploying'] },
  retry: {
    action: 'start',
    states: ['deploying', 'verifying', 'rolling-back'],
    decisions: ['retry-deploy', 'unhealthy'],
  },
  extend: { action: 'start', states: ['monitoring'] },
  hold: { action: 'start', states: ['monitoring'] },
  'release-hold': { action: 'start', states: ['monitoring'] },
  accept: {
    action: 'override',
    states: ['verifying', 'monitoring', 'rolling-back'],
    decisions: ['unhealthy', 'warning', 'unproven', 'retry-deploy'],
  },
  report: { action: 'start', states: ['deploying', 'verifying', 'monitoring'] },
};

/**
 * Passes a person's wish on to the run, when it is theirs to have and makes sense now. Confirming a bump below
 * the evidence takes an approver. Refusals: `not-allowed`, `person-not-full-member`, `promotion-moved-on`, `not-asked`.
 */
export async function steer(
  office: Office,
  caller: Caller,
  promotionId: string,
  wish: Steering,
): Promise<Promotion> {
  const promotion = await office.ledger.get(promotionId);
  const { service, state } = promotion;
  const rule = RULES[wish.kind];
  return audited(office, caller, { action: `promotion.${wish.kind}`, service, promotionId }, async () => {
    const ports = portsOf(office, service);
    const lowers = wish.kind === 'bump' && wish.lowerConfirmed;
    if (wish.kind !== 'report') await mustBeAllowed(ports, caller.user, lowers ? 'approve' : rule.action);
    if (!rule.states.includes(state)) throw new Refusal('promotion-moved-on', { service, state });
    if (rule.decisions && !rule.decisions.some((decision) => decision === promotion.data.decision)) {
      throw new Refusal('not-asked', { service, what: wish.kind });
    }
    await office.ledger.audit({
      actor: caller.user,
      action: `promotion.${wish.kind}`,
      result: 'done',
      service,
      promotionId,
      source: sourceOf(caller),
      detail: { ...wish },
    });
    const message = { ...wish, by: caller.user } as Message;
    await office.runs.send(runOf(promotion), message, `${wish.kind}:${caller.key}`);
    return promotion;
  });
}
