import { EVERY_SERVICE } from '../../domain/habits/habits.ts';
import { offerKey, type StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { momentOf, zoneAmong } from '../../domain/schedule/moment.ts';
import { mustBeAllowed } from '../requests/permission.ts';
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
    const isConfigured = all.some(({ service: { people = {} } }) =>
      Object.values(people).includes(caller.user),
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

/**
 * Takes an offer away until then: `ms` from now, else tomorrow at 9:00 of whoever pressed. It comes back once, when what it
 * offers is still ready. Refusals: `offer-over`, `not-allowed`, `person-not-full-member`.
 */
export function snoozeOffer(
  requests: RequestContext,
  caller: Caller,
  service: string,
  ms: number | undefined,
): Promise<number> {
  return audited(requests, caller, { action: 'offer.snoozed', service }, async () => {
    const ports = portsOf(requests, service);
    await mustBeAllowed(ports, caller.user, 'start');
    const { ledger } = requests;
    const offered = await openOfferAt(requests, caller);
    if (offered === null) throw new Refusal('offer-over', { service });
    const now = requests.now();
    const until = ms === undefined ? await tomorrow(requests, caller.user, now) : now + ms;
    const { key, place, prompt } = offered;
    // First what brings it back, so that a crash in between loses nothing; see `wakeOffers`.
    const again = `${offerKey(key)}:again:${until}`;
    await ledger.putPrompt({ key: again, place, prompt, snoozedUntil: until });
    await ledger.settlePrompt(key, { kind: 'snoozed', by: caller.user, at: now, until });
    return until;
  });
}

/** The offer whose message was pressed, with its buttons. */
async function openOfferAt(
  { ledger }: RequestContext,
  { channel, ts }: Caller,
): Promise<StoredPrompt | null> {
  if (channel === undefined || ts === undefined) return null;
  const found = await ledger.openPrompt({ channel, ts });
  return found?.outcome === null && found.prompt.kind === 'offer' ? found : null;
}

async function tomorrow(requests: RequestContext, user: string, now: number): Promise<number> {
  const { zone: own } = await requests.people.forDisplay.profile(user);
  const moment = momentOf(['tomorrow', '9:00'], { now, zone: zoneAmong(own) });
  return moment.kind === 'at' ? moment.at : now;
}
