import type { Logger } from 'pino';
import type { PostEvent } from '../../adapters/webhooks/sender.ts';
import type { EventWebhook } from '../../config/settings/webhooks.ts';
import { cloudEvent, isOneOfEvents } from '../../domain/audit/cloud-event.ts';
import { concerns } from '../../domain/audit/concerns.ts';
import type { WebhookPlace, WebhookPlaces } from '../../engine/outbox/webhook-places.ts';
import type { StoredAuditEntry } from '../../flows/run/ledger.ts';

/** What is older is not sent any more, ms: a receiver that was away for a week is not flooded. */
const OLDEST_MS = 3 * 86_400_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** A receiver may ask for this pause at most, ms; one that wants no more is asked this often. */
const DAY_MS = 86_400_000;

export interface Sending {
  readonly settings: Pick<EventWebhook, 'name' | 'events' | 'services'>;
  readonly post: PostEvent;
  /** A word for where it sends to; see `WebhookPlaces`. */
  readonly address: string;
  readonly places: WebhookPlaces;
  readonly log: Logger;
  readonly stop: AbortSignal;
  now(): number;
  /** 0..1, spreads tries. */
  random(): number;
}

/**
 * Sends what the audit has for one webhook, one after the other, until all is sent or one is not taken. Nothing is passed over
 * but what is too old. What was sent before a crash could be noted is sent again. Throws Unavailable.
 */
export async function sendDue(sending: Sending): Promise<void> {
  const { places, log, stop } = sending;
  const { name } = sending.settings;
  const place = await places.take(name, sending.address);
  if (place === null) return;
  let { sent, failures } = place;
  let tooOld = 0;
  /** The place is stored; what was left out is said then, so that an outage hides nothing. False: it is another one's now. */
  const store = async () => {
    const isMine = await places.moved(place, sent, failures);
    if (isMine && tooOld > 0)
      log.warn(
        { webhook: name, entries: tooOld },
        'Events older than three days were not sent to a webhook.',
      );
    tooOld = 0;
    return isMine;
  };
  for (;;) {
    const entries = await places.entriesAfter(sent);
    if (entries.length === 0 || stop.aborted) break;
    for (const [index, entry] of entries.entries()) {
      const wanted = isFor(entry, sending.settings);
      const isSent = wanted && place.now - entry.at <= OLDEST_MS;
      if (wanted && !isSent) tooOld += 1;
      if (isSent) {
        const posted = await sending.post(cloudEvent(entry), sending.now(), stop);
        if (stop.aborted && posted.kind !== 'taken') return places.leave(place, 0, failures);
        if (posted.kind !== 'taken')
          return notTaken(sending, place, entry, { ...posted, failures: failures + 1 });
        if (failures > 0) log.info({ webhook: name, failures }, 'A webhook takes events again.');
        failures = 0;
      }
      sent = entry.seq;
      const isLast = index === entries.length - 1 || stop.aborted;
      // Nobody else may have gone on meanwhile, as a process that was frozen finds out here.
      if ((isSent || isLast) && !(await store())) return;
      if (stop.aborted) break;
    }
  }
  await places.leave(place, 0, failures);
}

type NotTaken = Extract<Awaited<ReturnType<PostEvent>>, { kind: 'not-taken' }> & {
  readonly failures: number;
};

/** One line for each outage, whoever of all replicas tries, and when. */
async function notTaken(
  { places, log, random }: Sending,
  place: WebhookPlace,
  { seq, action }: StoredAuditEntry,
  { why, isGone, retryAfterMs, failures }: NotTaken,
): Promise<void> {
  const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20));
  const wished = Math.min(DAY_MS, retryAfterMs);
  const pauseMs = isGone ? DAY_MS : Math.max(wished, growing * (0.5 + random() / 2));
  await places.leave(place, Math.ceil(pauseMs), failures);
  const facts = { webhook: place.name, reason: why, seq, action };
  if (isGone) log.warn(facts, 'A webhook wants no more events; it is asked again once a day.');
  else if (failures > 1) log.debug(facts, 'a webhook does not take an event');
  else log.warn(facts, 'A webhook does not take an event; it is sent again with growing pauses.');
}

function isFor(entry: StoredAuditEntry, { events, services }: Sending['settings']): boolean {
  if (events !== undefined && !isOneOfEvents(entry.action, events)) return false;
  return services === undefined || services.some((service) => concerns(entry, service));
}
