import type { StartRequest } from '../../domain/commands/start.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { momentOf, zoneAmong } from '../../domain/schedule/moment.ts';
import type { PlannedService, Sequence, ValidatedBuild } from '../../domain/schedule/sequence.ts';
import { barrierRefusal, barriersOf } from '../locks/barriers.ts';
import { Facts } from '../plan/facts.ts';
import { mustBeFixed } from '../plan/fix-forward.ts';
import { mustBeAllowed } from '../requests/permission.ts';
import { audited, type Caller, portsOf, type RequestContext } from '../requests/request.ts';
import type { Ports } from '../run/ports.ts';

const MOST_SERVICES = 10;

/** What somebody wants to ship, in this order, and when. */
export interface PlanRequest {
  readonly services: readonly StartRequest[];
  /** As it was typed; absent: now. */
  readonly when?: readonly string[];
}

/**
 * Stores what somebody wants to ship one after the other, or at a time. Whatever can be refused is refused here, before
 * anything starts. Refusals: `service-twice`, `services-apart`, `services-many`, `service-unknown`, `not-allowed`,
 * `person-not-full-member`, `already-planned`, those of `momentOf`, `freeze-none`; for now also those of a start.
 */
export function planSequence(requests: RequestContext, caller: Caller, wish: PlanRequest): Promise<Sequence> {
  const [first] = wish.services;
  if (first === undefined) throw new Refusal('service-missing', { known: [...requests.services.keys()] });
  const subject = { action: 'sequence.planned', service: first.service } as const;
  return audited(requests, caller, subject, async (request) => {
    await mustFit(requests, caller.user, wish.services);
    const ports = portsOf(requests, first.service);
    const begins = await beginOf(requests, caller.user, ports, wish);
    if (wish.when === undefined) await mustBeFree(ports, first, caller.user);
    const sequence: Sequence = {
      id: requests.newId('plan'),
      by: caller.user,
      channel: ports.service.channel,
      services: await Promise.all(wish.services.map((one) => plannedService(requests, caller.user, one))),
      createdAt: requests.now(),
      started: 0,
      source: request.source,
      ...begins,
    };
    await request.storing(() => requests.ledger.plan(sequence));
    return sequence;
  });
}

/** Each service once, all of one channel, each one that this person may start. */
async function mustFit(
  requests: RequestContext,
  user: string,
  services: readonly StartRequest[],
): Promise<void> {
  if (services.length > MOST_SERVICES) throw new Refusal('services-many', { most: MOST_SERVICES });
  const names = services.map(({ service }) => service);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Refusal('service-twice', { service: twice });
  const all = names.map((name) => portsOf(requests, name));
  const channels = new Set(all.map(({ service }) => service.channel));
  if (channels.size > 1) throw new Refusal('services-apart', { services: names });
  for (const ports of all) await mustBeAllowed(ports, user, 'start');
}

/** What a start would be refused for now. */
async function mustBeFree(ports: Ports, wish: StartRequest, user: string): Promise<void> {
  const { service, ledger } = ports;
  const [barrier] = await barriersOf(ports);
  if (barrier) throw barrierRefusal(barrier, service);
  const open = await ledger.openFor(service.name);
  if (open) {
    const { id: promotion, request, state } = open;
    throw new Refusal('promotion-open', { service: service.name, promotion, by: request.by, state });
  }
  await mustBeFixed(ports, wish, user);
}

/** When it begins; in the zone of the person, else of the service's freezes, else UTC. */
async function beginOf(
  requests: RequestContext,
  user: string,
  ports: Ports,
  { when, services }: PlanRequest,
): Promise<Pick<Sequence, 'at' | 'zone' | 'afterFreeze'>> {
  if (when === undefined) return {};
  const { zone: own } = await ports.people.forDisplay.profile(user);
  const zone = zoneAmong(own, ports.service.policy.freeze[0]?.zone);
  const names = [...requests.services.keys(), ...services.map(({ service }) => service)];
  const moment = momentOf(when, { now: requests.now(), zone }, names);
  if (moment.kind === 'at') return { at: moment.at, zone };
  const freeze = await freezeEnd(ports);
  if (freeze === null) throw new Refusal('freeze-none', { service: ports.service.name });
  return { afterFreeze: true, zone, ...freeze };
}

/** When the freezes and stops in force are over; without a time where nobody knows; null when there is none. */
export async function freezeEnd(ports: Ports): Promise<{ readonly at?: number } | null> {
  const barriers = (await barriersOf(ports)).filter(({ kind }) => kind !== 'lock');
  if (barriers.length === 0) return null;
  const ends = barriers.map(({ until }) => until ?? Number.POSITIVE_INFINITY);
  const at = Math.max(...ends);
  return Number.isFinite(at) ? { at } : {};
}

async function plannedService(
  requests: RequestContext,
  user: string,
  wish: StartRequest,
): Promise<PlannedService> {
  const seen = await validatedBuild(portsOf(requests, wish.service), wish, user);
  return { ...wish, promotionId: requests.newId(wish.service), ...(seen ? { seen } : {}) };
}

/** What staging has validated of what would be shipped; null where nothing is, or it cannot be read now. */
export async function validatedBuild(
  ports: Ports,
  wish: StartRequest,
  by: string,
): Promise<ValidatedBuild | null> {
  const feature = await new Facts(ports, { ...wish, by }).feature().catch(whenRefusedOrAway(null));
  const commit = feature?.reading.validatedCommit;
  return feature && commit?.kind === 'value' ? { feature: feature.folder.slug, commit: commit.value } : null;
}
