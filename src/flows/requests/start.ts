import { isPipeline } from '../../domain/operations/api-scopes.ts';
import { barriersShown } from '../../domain/policy/override.ts';
import type { Promotion, PromotionRequest } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { barrierRefusal, barriersOf } from '../locks/barriers.ts';
import { mustBeFixed } from '../plan/fix-forward.ts';
import type { QueuedRequest } from '../run/ledger.ts';
import type { Ports } from '../run/ports.ts';
import { type Inspection, inspect } from '../steps/inspect.ts';
import { overrideAtStart } from './break-glass.ts';
import { mustBeAllowed } from './permission.ts';
import { audited, type Caller, portsOf, portsToBegin, type RequestContext, type Subject } from './request.ts';

/** Why the glass is broken, and over what, as the person was shown it; see `barriersShown`. */
interface Emergency {
  readonly reason: string;
  readonly over?: string | undefined;
}

/** What is asked for; with `id` its promotion has this one, else a new one. */
type StartWish = Omit<PromotionRequest, 'by' | 'overrides'> & { readonly id?: string };

/**
 * Opens a promotion and sets it going. Refusals: `service-unknown`, `service-leaving`, `not-allowed`, `person-not-full-member`,
 * `stopped`, `locked`, `frozen`, `promotion-open`, `feature-rolled-back`; with `emergency` also `override-reason`.
 */
export function startPromotion(
  requests: RequestContext,
  caller: Caller,
  { id, ...wish }: StartWish,
  emergency?: Emergency,
): Promise<Promotion> {
  const subject: Subject = { action: 'promotion.opened', service: wish.service };
  return audited(requests, caller, subject, async (request) => {
    const ports = portsToBegin(requests, wish.service);
    // What a pipeline may start is in the settings of its token.
    if (!isPipeline(caller.user)) await mustBeAllowed(ports, caller.user, 'start');
    const overrides = await overridesAtStart(requests, ports, caller.user, emergency);
    // A repeated command must not open twice: the second one meets the promotion that the first one opened. It may also have
    // been refused, and meets that of somebody else.
    if (!(await requests.ledger.once(`start:${caller.key}`))) {
      const open = await requests.ledger.openFor(wish.service);
      if (open && (id === undefined ? open.request.by === caller.user : open.id === id)) return open;
    }
    await mustBeFixed(ports, wish, caller.user);
    const wanted = {
      id: id ?? requests.newId(wish.service),
      request: { ...wish, by: caller.user, ...overrides },
      channel: ports.service.channel,
      source: request.source,
    };
    const promotion = await request.storing(() => requests.ledger.open(wanted));
    await ports.slack.refresh(promotion.id);
    await requests.runs.start('promote', promotion.id, { promotionId: promotion.id });
    return promotion;
  });
}

/** Nothing starts over a freeze or a lock, unless this person was shown exactly these, may break the glass and says why. */
async function overridesAtStart(
  requests: RequestContext,
  ports: Ports,
  user: string,
  emergency: Emergency | undefined,
): Promise<Pick<PromotionRequest, 'overrides'>> {
  const barriers = await barriersOf(ports);
  const [first] = barriers;
  if (first === undefined) return {};
  const now = barriersShown(barriers.map(({ key }) => key));
  if (emergency === undefined || (emergency.over ?? now) !== now) throw barrierRefusal(first, ports.service);
  return { overrides: [await overrideAtStart(requests, ports, user, emergency.reason, barriers)] };
}

/**
 * What a promotion would do now: gates and plan; nothing is changed or stored. Refusals: `service-unknown`,
 * `not-allowed`, `person-not-full-member`.
 */
export function planOnly(
  requests: RequestContext,
  caller: Caller,
  wish: Omit<PromotionRequest, 'by'>,
): Promise<Inspection> {
  return audited(requests, caller, { action: 'plan.seen', service: wish.service }, async () => {
    const ports = portsOf(requests, wish.service);
    await mustBeAllowed(ports, caller.user, 'start');
    return inspect(ports, { ...wish, by: caller.user });
  });
}

/**
 * Puts a person in the queue for a service that is busy, locked or frozen; their place. Refusals: `nothing-to-wait-for` when it is
 * free, and those of a start.
 */
export function joinQueue(
  requests: RequestContext,
  caller: Caller,
  service: string,
  wish?: QueuedRequest,
): Promise<number> {
  return audited(requests, caller, { action: 'queue.joined', service }, async () => {
    const ports = portsToBegin(requests, service);
    await mustBeAllowed(ports, caller.user, 'start');
    const open = await requests.ledger.openFor(service);
    if (open === null && (await barriersOf(ports)).length === 0)
      throw new Refusal('nothing-to-wait-for', { service });
    return requests.ledger.joinQueue(service, caller.user, wish);
  });
}
