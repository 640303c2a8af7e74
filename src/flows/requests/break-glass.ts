import { holdups, type Override } from '../../domain/policy/override.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { type Barrier, barriersOf } from '../locks/barriers.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowedToBreakGlass } from './permission.ts';
import { audited, type Caller, leavingRow, type Office, portsOf, sourceOf } from './request.ts';
import { tellRunOnce } from './tell-run-once.ts';
import { mustBeApprover } from './vote.ts';

/** Whether to offer it to this person; asked again when they take the offer. */
export async function mayBreakGlass(office: Office, user: string, service: string): Promise<boolean> {
  try {
    await mustBeAllowedToBreakGlass(portsOf(office, service), user);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/**
 * Asked when the form for the reason is opened, which overrides nothing yet: whether this person may break the
 * glass here and it would help, what it would be broken over, in words. Refusals:
 * `not-allowed`, `person-not-full-member`, `glass-nobody`, `promotion-moved-on`, `not-breakable`, `glass-whole`.
 */
export function behindGlass(
  office: Office,
  caller: Caller,
  promotion: Promotion,
): Promise<readonly string[]> {
  const { id: promotionId, service, digest } = promotion;
  const subject = { action: 'glass.asked', service, promotionId, digest };
  return audited(office, caller, subject, async () => {
    await mustBeAllowedToBreakGlass(portsOf(office, service), caller.user);
    return overOf(promotion).over;
  });
}

/** The same before a promotion is there. */
export function serviceBehindGlass(
  office: Office,
  caller: Caller,
  service: string,
): Promise<readonly string[]> {
  return audited(office, caller, { action: 'glass.asked', service }, async () => {
    const ports = portsOf(office, service);
    await mustBeAllowedToBreakGlass(ports, caller.user);
    const barriers = await barriersOf(ports);
    if (barriers.length === 0) throw new Refusal('glass-whole', { service });
    return barriers.map(({ words }) => words);
  });
}

/**
 * Lets a blocked promotion go on in spite of what its card shows in the way, and makes a debt. Approvals and all
 * other gates are needed as ever. Refusals: those of `behindGlass`, `glass-reason`, `card-changed`, `already-asked`.
 */
export async function breakGlass(
  office: Office,
  caller: Caller,
  promotionId: string,
  reason: string,
  seen: { readonly turn?: number | undefined } = {},
): Promise<Promotion> {
  const promotion = await office.ledger.get(promotionId);
  const { service, digest, turn } = promotion;
  const subject = { action: 'promotion.override', service, promotionId, digest };
  return audited(office, caller, subject, async () => {
    const ports = portsOf(office, service);
    await mustBeAllowedToBreakGlass(ports, caller.user);
    const what = overOf(promotion);
    const override = overrideOf(office, ports, caller.user, reason, what);
    await tellRunOnce(office, caller, promotion, {
      key: `glass:${turn}`,
      action: subject.action,
      wish: { kind: 'override', by: caller.user, override },
      from: ['blocked'],
      turn: seen.turn ?? turn,
    });
    return promotion;
  });
}

/** What a promotion that is started over these barriers carries with it. Refusals: `not-allowed`, `glass-nobody`, `glass-reason`. */
export async function overrideAtStart(
  office: Office,
  ports: Ports,
  user: string,
  reason: string,
  barriers: readonly Barrier[],
): Promise<Override> {
  await mustBeAllowedToBreakGlass(ports, user);
  return overrideOf(office, ports, user, reason, {
    barriers: barriers.map(({ key }) => key),
    over: barriers.map(({ words }) => words),
  });
}

/**
 * A second person has looked at why the glass was broken. Refusals: `not-allowed`, `person-not-full-member`,
 * `debt-own`, `debt-settled`.
 */
export async function acknowledgeDebt(
  office: Office,
  caller: Caller,
  promotionId: string,
): Promise<Promotion> {
  const { service } = await office.ledger.get(promotionId);
  return audited(office, caller, { action: 'debt.acknowledged', service, promotionId }, async () => {
    const ports = portsOf(office, service);
    await mustBeApprover(ports, caller.user);
    const settled = await leavingRow(caller, () =>
      office.ledger.acknowledge(promotionId, caller.user, sourceOf(caller)),
    );
    const owners = [...new Set(settled.map((debt) => debt.by))];
    const key = `acknowledged:${settled.map((debt) => debt.id).join(',')}`;
    await ports.desk.say(promotionId, key, { kind: 'debt-acknowledged', by: caller.user, owners });
    await ports.desk.refresh(promotionId);
    return office.ledger.get(promotionId);
  });
}

type Over = Pick<Override, 'barriers' | 'over'>;

/** What the card shows in the way; the glass only helps when all of it is behind glass. */
function overOf({ id: promotion, service, state, data }: Promotion): Over {
  if (state !== 'blocked') throw new Refusal('promotion-moved-on', { promotion, service, state });
  const { breakable, firm } = holdups(data.gates ?? []);
  if (firm.length > 0) throw new Refusal('not-breakable', { service, gates: firm.map(({ title }) => title) });
  if (breakable.length === 0) throw new Refusal('glass-whole', { service });
  return {
    barriers: breakable.flatMap(({ barriers }) => barriers ?? []),
    over: breakable.map(({ reason }) => reason),
  };
}

function overrideOf(office: Office, ports: Ports, by: string, given: string, over: Over): Override {
  const reason = given.trim();
  if (reason === '') throw new Refusal('glass-reason', { service: ports.service.name });
  const at = office.now();
  const due = at + ports.service.policy.acknowledgeWithinMs;
  return { id: office.newId('debt'), by, reason, at, due, ...over };
}
