import { isOpen, type Promotion, type PromotionState, type RollbackOrder } from '../../domain/promotion.ts';
import { Refusal } from '../../domain/refusal.ts';
import { releaseOf } from '../release-of.ts';
import { audited, type Caller, type Office, portsOf, runOf, sourceOf } from './office.ts';
import { mustBeAllowed } from './permission.ts';

const RUNNING: readonly PromotionState[] = ['deploying', 'verifying', 'monitoring'];

/** Why, and the version to return to; absent: what was live before the promotion. */
export type RollbackWish = Omit<RollbackOrder, 'by'>;

/**
 * Asks for the rollback of one promotion, while it runs or any time after it shipped. Refusals: `not-allowed`,
 * `person-not-full-member`, `not-rollbackable`, `rollback-impossible`, `not-live`, `release-unknown`, `promotion-open`.
 */
export async function requestRollback(
  office: Office,
  caller: Caller,
  promotionId: string,
  wish: RollbackWish,
): Promise<Promotion> {
  const promotion = await office.ledger.get(promotionId);
  const { service, state } = promotion;
  return audited(office, caller, { action: 'rollback.requested', service, promotionId }, async () => {
    const ports = portsOf(office, service);
    await mustBeAllowed(ports, caller.user, 'rollback');
    if (wish.to !== undefined) await releaseOf(ports, wish.to);
    else if (!promotion.data.plan?.rollbackTo) throw new Refusal('rollback-impossible', { service });

    const source = sourceOf(caller);
    const audit = {
      actor: caller.user,
      action: 'rollback.requested',
      result: 'done',
      source,
      detail: { ...wish },
    } as const;
    if (RUNNING.includes(state)) {
      await office.ledger.audit({ ...audit, service, promotionId });
      await office.runs.send(
        runOf(promotion),
        { kind: 'rollback', by: caller.user, ...wish },
        `rollback:${promotionId}:${promotion.revision}`,
      );
      return promotion;
    }
    if (
      isOpen(state) ||
      !['shipped', 'rolled-back', 'failed'].includes(state) ||
      !promotion.data.deployment
    ) {
      throw new Refusal('not-rollbackable', { service, state });
    }
    await mustBeLive(office, promotion);
    const run = `${promotion.id}-rollback-${promotion.revision}`;
    const reopened = await office.ledger.change(promotion.id, {
      key: run,
      from: [state],
      to: 'rolling-back',
      data: { run, rollbackOrder: { by: caller.user, ...wish }, closedAt: null },
      audit,
    });
    await ports.desk.refresh(promotion.id);
    await office.runs.start('rollback', run, { promotionId: promotion.id, by: caller.user, ...wish });
    return reopened;
  });
}

/** The newest promotion of the service that reached production. Refusal `nothing-shipped`. */
export async function newestDeployed(office: Office, service: string): Promise<Promotion> {
  portsOf(office, service);
  const recent = await office.ledger.recent({ service, limit: 50 });
  const deployed = recent.find(
    (promotion) => promotion.data.deployment !== undefined || RUNNING.includes(promotion.state),
  );
  if (!deployed) throw new Refusal('nothing-shipped', { service });
  return deployed;
}

/** From an old thread only what is still live may be rolled back: a later release must not be undone by mistake. */
async function mustBeLive(office: Office, promotion: Promotion): Promise<void> {
  const newest = await newestDeployed(office, promotion.service);
  if (newest.id === promotion.id) return;
  throw new Refusal('not-live', {
    service: promotion.service,
    version: promotion.data.release?.version ?? '',
    live: newest.data.release?.version ?? newest.id,
  });
}
