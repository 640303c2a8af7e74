import type { Approval, Promotion } from '../../domain/promotion.ts';
import { Refusal } from '../../domain/refusal.ts';
import { audited, type Caller, type Office, portsOf, runOf, sourceOf } from './office.ts';
import { mustBeAllowed } from './permission.ts';

/**
 * A vote on the digest that the person saw on the card. Refusals: `not-allowed`, `person-not-full-member`,
 * `self-approval`, `digest-changed`, `already-voted`, `promotion-moved-on`.
 */
export async function vote(
  office: Office,
  caller: Caller,
  promotionId: string,
  ballot: Pick<Approval, 'decision' | 'digest' | 'reason'>,
): Promise<Promotion> {
  const action = ballot.decision === 'approve' ? 'approval.given' : 'approval.declined';
  const promotion = await office.ledger.get(promotionId);
  const { service } = promotion;
  return audited(office, caller, { action, service, promotionId }, async () => {
    const ports = portsOf(office, service);
    await mustBeAllowed(ports, caller.user, 'approve');
    const own = promotion.request.by === caller.user && ballot.decision === 'approve';
    if (own && !ports.service.policy.selfApproval) throw new Refusal('self-approval', { service });

    const before = await office.ledger.approvals(promotionId);
    const votes = await office.ledger.vote(promotionId, { ...ballot, by: caller.user }, sourceOf(caller));
    if (ballot.decision === 'approve') {
      const yes = votes.filter((one) => one.valid && one.decision === 'approve');
      const missing = Math.max(0, ports.service.policy.approvals - yes.length);
      await ports.desk.say(promotionId, `vote:${ballot.digest}:${caller.user}`, {
        kind: 'approved',
        by: caller.user,
        missing,
      });
    } else {
      const reason = ballot.reason === undefined ? {} : { reason: ballot.reason };
      await ports.desk.say(promotionId, `no:${ballot.digest}:${caller.user}`, {
        kind: 'declined',
        by: caller.user,
        ...reason,
      });
    }
    await ports.desk.refresh(promotionId);
    await office.runs.send(
      runOf(promotion),
      { kind: 'vote' },
      `vote:${promotionId}:${caller.user}:${ballot.digest}:${before.length}`,
    );
    return office.ledger.get(promotionId);
  });
}
