import { isOpen, type Promotion, type PromotionRequest } from '../../domain/promotion.ts';
import { Refusal } from '../../domain/refusal.ts';
import { type Inspection, inspect } from '../inspect.ts';
import { audited, type Caller, type Office, portsOf } from './office.ts';
import { mustBeAllowed } from './permission.ts';

/**
 * Opens a promotion and sets it going. Refusals: `service-unknown`, `not-allowed`, `person-not-full-member`,
 * `locked`, `promotion-open`.
 */
export function startPromotion(
  office: Office,
  caller: Caller,
  wish: Omit<PromotionRequest, 'by'>,
): Promise<Promotion> {
  const subject = { action: 'promotion.open', service: wish.service };
  return audited(office, caller, subject, async () => {
    const ports = portsOf(office, wish.service);
    await mustBeAllowed(ports, caller.user, 'start');
    const lock = await office.ledger.lockOf(wish.service);
    if (lock) throw new Refusal('locked', { service: wish.service, owner: lock.owner, reason: lock.reason });
    // A repeated command must not open twice: the second one meets the promotion that the first one opened.
    if (!(await office.ledger.once(`start:${caller.key}`))) {
      const promotion = await office.ledger.openFor(wish.service);
      if (promotion) return promotion;
    }
    const request = { ...wish, by: caller.user };
    const { channel } = ports.service;
    const promotion = await office.ledger.open({ id: office.newId(wish.service), request, channel });
    await ports.desk.refresh(promotion.id);
    await office.runs.start('promote', promotion.id, { promotionId: promotion.id });
    return promotion;
  });
}

/** What a promotion would do now: gates and plan; nothing is changed or stored. */
export async function planOnly(
  office: Office,
  caller: Caller,
  wish: Omit<PromotionRequest, 'by'>,
): Promise<Inspection> {
  const ports = portsOf(office, wish.service);
  await mustBeAllowed(ports, caller.user, 'start');
  return inspect(ports, { ...wish, by: caller.user });
}

/** Puts a person in line for a service that is busy; their place. Refusal `nothing-to-wait-for` when it is free. */
export async function joinLine(office: Office, caller: Caller, service: string): Promise<number> {
  portsOf(office, service);
  const open = await office.ledger.openFor(service);
  if (!open || !isOpen(open.state)) throw new Refusal('nothing-to-wait-for', { service });
  return office.ledger.joinLine(service, caller.user);
}
