import { Refusal } from '../../domain/refusals/refusal.ts';
import { notStarted, type PlannedService, type Sequence } from '../../domain/schedule/sequence.ts';
import { given } from '../../domain/text/given.ts';
import { mustBeAllowed, mustBeMember } from '../requests/permission.ts';
import { readableServices } from '../requests/reader.ts';
import { audited, type Caller, portsOf, type RequestContext } from '../requests/request.ts';

/** What is still to be started, with those services that are there and may be seen; what begins first is first. */
export async function plannedSequences(requests: RequestContext): Promise<readonly Sequence[]> {
  const readable = readableServices(requests);
  const isSeen = ({ service }: PlannedService) => readable.has(service);
  return (await requests.ledger.unsettled())
    .map((one) => ({
      ...one,
      services: one.services.filter(isSeen),
      started: one.services.slice(0, one.started).filter(isSeen).length,
    }))
    .filter((one) => one.end === undefined && notStarted(one).length > 0)
    .toSorted(soonestFirst);
}

function soonestFirst(a: Sequence, b: Sequence): number {
  return (a.at ?? a.createdAt) - (b.at ?? b.createdAt);
}

/** The sequence that is to start this service. Refusals: `service-unknown`, `not-planned`. */
export async function sequenceWith(requests: RequestContext, service: string): Promise<Sequence> {
  const { name } = portsOf(requests, service).service;
  const found = await plannedFor(requests, name);
  if (found === null) throw new Refusal('not-planned', { service: name });
  return found;
}

/** The same; null where nothing is planned for it. Of a service that may be seen; others of it may be hidden. */
export async function plannedFor(requests: RequestContext, service: string): Promise<Sequence | null> {
  const all = (await requests.ledger.unsettled()).toSorted(soonestFirst);
  const isIn = (one: Sequence) => notStarted(one).some((planned) => planned.service === service);
  return all.find((one) => one.end === undefined && isIn(one)) ?? null;
}

/**
 * Nothing more of it is started; what is under way goes on. Whoever planned it may, and whoever may start what is left of
 * it. Refusals: `plan-over`, `not-allowed`, `person-not-full-member`.
 */
export async function cancelSequence(
  requests: RequestContext,
  caller: Caller,
  id: string,
): Promise<Sequence> {
  const sequence = await requests.ledger.sequence(id);
  const left = sequence ? notStarted(sequence) : [];
  const { services: known, reader } = requests;
  await Promise.all(left.map(({ service }) => reader?.look(service)));
  const first =
    left.find(({ service }) => known.has(service) && reader?.mayRead(service) !== false) ?? left[0];
  const action = 'sequence.cancelled';
  const subject = { action, ...given({ service: first?.service }) } as const;
  return audited(requests, caller, subject, async (request) => {
    if (sequence === null || first === undefined || sequence.end) throw new Refusal('plan-over');
    const ports = portsOf(requests, first.service);
    if (caller.user === sequence.by) await mustBeMember(ports, caller.user, 'start');
    else await mustBeAllowed(ports, caller.user, 'start');
    const services = notStarted(sequence).map(({ service }) => service);
    const audit = { ...request.row(action, { sequence: id, services }), service: first.service };
    const cancelled = await request.storing(() =>
      requests.ledger.changeSequence(id, (now) => {
        if (now.end || notStarted(now).length === 0) throw new Refusal('plan-over');
        return { sequence: { ...now, end: { kind: 'cancelled', by: caller.user } }, audit };
      }),
    );
    return cancelled ?? sequence;
  });
}
