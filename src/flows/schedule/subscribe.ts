import { EVERY_SERVICE } from '../../domain/habits/habits.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { readableServices } from '../requests/reader.ts';
import { audited, type Caller, portsOf, type RequestContext } from '../requests/request.ts';

/**
 * Tells this person from now on when commits of theirs are in production. Answers with the address by which they are known.
 * Refusals: `service-unknown`, `not-reader`, `reads-nothing`, `address-unknown`.
 */
export function subscribe(
  requests: RequestContext,
  caller: Caller,
  service: string,
): Promise<{ readonly email: string | null }> {
  return audited(requests, caller, subjectOf('subscription.begun', service), async () => {
    const named = service === EVERY_SERVICE ? [] : [portsOf(requests, service)];
    requests.reader?.mustReadSome();
    const { email = null } = await requests.people.forDisplay.profile(caller.user);
    const all = named.length > 0 ? named : [...readableServices(requests).values()];
    const isConfigured = all.some(({ service: one }) =>
      Object.values(one.people ?? {}).includes(caller.user),
    );
    if (email === null && !isConfigured) throw new Refusal('address-unknown');
    await requests.ledger.subscribe(caller.user, service);
    return { email };
  });
}

/** Without a service: of none any more. Refusals: `not-subscribed`, `service-unknown`, `not-reader`. */
export function unsubscribe(
  requests: RequestContext,
  caller: Caller,
  service: string | undefined,
): Promise<void> {
  return audited(requests, caller, subjectOf('subscription.ended', service), async () => {
    if (await requests.ledger.unsubscribe(caller.user, service)) return;
    if (service !== undefined) portsOf(requests, service);
    throw new Refusal('not-subscribed', service === undefined ? {} : { service });
  });
}

function subjectOf<A extends string>(action: A, service: string | undefined) {
  return { action, ...(service === undefined || service === EVERY_SERVICE ? {} : { service }) };
}
