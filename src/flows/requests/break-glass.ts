import { barriersShown, holdups, type Override } from '../../domain/policy/override.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal, whenRefused } from '../../domain/refusals/refusal.ts';
import { type Barrier, barriersOf } from '../locks/barriers.ts';
import type { Ports } from '../run/ports.ts';
import { mustBeAllowedToOverride } from './permission.ts';
import { about, audited, type Caller, portsOf, type RequestContext } from './request.ts';
import { tellRunOnce } from './tell-run.ts';
import { mustBeApprover } from './vote.ts';

/** Whether this person may break the glass of a service; it is asked again when they do. */
export async function mayOverride(requests: RequestContext, user: string, service: string): Promise<boolean> {
  const asked = async () => mustBeAllowedToOverride(portsOf(requests, service), user);
  return asked().then(() => true, whenRefused(false));
}

/** What the glass would be broken over: in words, and as it comes back with the form. */
interface Shown {
  readonly over: readonly string[];
  readonly shown: string;
}

/**
 * Asked when the form for the reason is opened, which overrides nothing yet: whether this person may break the
 * glass here and it would help, and what it would be broken over, in words. Refusals:
 * `not-allowed`, `person-not-full-member`, `override-nobody`, `promotion-moved-on`, `not-breakable`, `nothing-to-override`.
 */
export function overridable(requests: RequestContext, caller: Caller, promotion: Promotion): Promise<Shown> {
  return audited(requests, caller, about('override.asked', promotion), async () => {
    await mustBeAllowedToOverride(portsOf(requests, promotion.service), caller.user);
    return shownOf(overOf(promotion));
  });
}

/** The same for a service without a promotion: over its freezes and locks. */
export function overridableOfService(
  requests: RequestContext,
  caller: Caller,
  service: string,
): Promise<Shown> {
  return audited(requests, caller, { action: 'override.asked', service }, async () => {
    const ports = portsOf(requests, service);
    await mustBeAllowedToOverride(ports, caller.user);
    const barriers = await barriersOf(ports);
    if (barriers.length === 0) throw new Refusal('nothing-to-override', { service });
    return shownOf(overBarriers(barriers));
  });
}

function shownOf({ over, barriers }: Over): Shown {
  return { over, shown: barriersShown(barriers) };
}

function overBarriers(barriers: readonly Barrier[]): Over {
  return { barriers: barriers.map(({ key }) => key), over: barriers.map(({ words }) => words) };
}

/**
 * Lets a blocked promotion go on in spite of what its card shows in the way, and makes a debt. Approvals and all other
 * gates are still needed. What the person has not been shown is not covered: then it is `card-changed`. Refusals: those of `overridable`, `override-reason`, `card-changed`, `already-asked`.
 */
export async function breakGlass(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
  reason: string,
  seen: { readonly turn?: number | undefined; readonly over?: string | undefined } = {},
): Promise<Promotion> {
  const promotion = await requests.ledger.get(promotionId);
  const { service, turn } = promotion;
  const action = 'promotion.override';
  return audited(requests, caller, about(action, promotion), async (request) => {
    const ports = portsOf(requests, service);
    await mustBeAllowedToOverride(ports, caller.user);
    const what = overOf(promotion);
    if (seen.over !== undefined && seen.over !== barriersShown(what.barriers))
      throw new Refusal('card-changed', { promotion: promotionId, service, state: promotion.state });
    const override = overrideOf(requests, ports, caller.user, reason, what);
    await tellRunOnce(requests, request, promotion, {
      key: `override:${turn}`,
      action,
      message: { kind: 'override', by: caller.user, override },
      from: ['blocked'],
      turn: seen.turn ?? turn,
    });
    return promotion;
  });
}

/** The override of a promotion that is started over these barriers. Refusals: `not-allowed`, `override-nobody`, `override-reason`. */
export async function overrideAtStart(
  requests: RequestContext,
  ports: Ports,
  user: string,
  reason: string,
  barriers: readonly Barrier[],
): Promise<Override> {
  await mustBeAllowedToOverride(ports, user);
  return overrideOf(requests, ports, user, reason, overBarriers(barriers));
}

/**
 * A second person has looked at why the glass was broken. Refusals: `not-allowed`, `person-not-full-member`,
 * `debt-own`, `debt-settled`.
 */
export async function acknowledgeDebt(
  requests: RequestContext,
  caller: Caller,
  promotionId: string,
): Promise<Promotion> {
  const { service } = await requests.ledger.get(promotionId);
  const { user: by } = caller;
  return audited(requests, caller, { action: 'debt.acknowledged', service, promotionId }, async (request) => {
    await mustBeApprover(portsOf(requests, service), by);
    await request.storing(() =>
      requests.ledger.acknowledge(promotionId, by, request.source, (settled) => {
        const owners = [...new Set(settled.map((debt) => debt.by))];
        const key = `acknowledged:${settled.map((debt) => debt.id).join(',')}`;
        return { key, notice: { kind: 'debt-acknowledged', by, owners } };
      }),
    );
    return requests.ledger.get(promotionId);
  });
}

type Over = Pick<Override, 'barriers' | 'over'>;

/** What the card shows in the way, when all of it may be overridden. */
function overOf({ id: promotion, service, state, data }: Promotion): Over {
  if (state !== 'blocked') throw new Refusal('promotion-moved-on', { promotion, service, state });
  const { breakable, firm } = holdups(data.gates ?? []);
  if (firm.length > 0) throw new Refusal('not-breakable', { service, gates: firm.map(({ title }) => title) });
  if (breakable.length === 0) throw new Refusal('nothing-to-override', { service });
  return {
    barriers: breakable.flatMap(({ barriers }) => barriers ?? []),
    over: breakable.map(({ reason }) => reason),
  };
}

function overrideOf(requests: RequestContext, ports: Ports, by: string, given: string, over: Over): Override {
  const reason = given.trim();
  if (reason === '') throw new Refusal('override-reason', { service: ports.service.name });
  const at = requests.now();
  const due = at + ports.service.policy.acknowledgeWithinMs;
  return { id: requests.newId('debt'), by, reason, at, due, ...over };
}
