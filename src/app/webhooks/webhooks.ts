import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from 'pino';
import { HttpUrl } from '../../adapters/shared/http.ts';
import { eventSender, type PostEvent, webhookKey } from '../../adapters/webhooks/sender.ts';
import { textHash } from '../../config/files/whole-file.ts';
import type { EventWebhook } from '../../config/settings/webhooks.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { WebhookPlaces } from '../../engine/outbox/webhook-places.ts';
import { Store } from '../../engine/tables/store.ts';
import { EVERY, type Repeated, repeat } from '../../jobs/repeat.ts';
import { requiredSecret } from '../environment.ts';
import { clock } from '../services.ts';
import { sendDue } from './send.ts';

/** Longer than an event may take, also when it has to be sent over a new connection. */
const LEASE_MS = 45_000;

export interface OpenedWebhook {
  readonly settings: EventWebhook;
  readonly post: PostEvent;
  /** A hash of where it sends to, which may be a secret. */
  readonly address: string;
}

/** Refusals `secret-missing`, `environment-invalid` for a secret or an address that is none, `service-unknown`. */
export function openWebhooks(
  webhooks: readonly EventWebhook[],
  known: readonly string[],
  env: NodeJS.ProcessEnv,
): readonly OpenedWebhook[] {
  return webhooks.map((settings) => {
    for (const service of settings.services ?? [])
      if (!known.includes(service)) throw new Refusal('service-unknown', { service, known: [...known] });
    const secrets = [settings.secret, settings['old-secret']].flatMap((one) => one ?? []);
    const keys = secrets.map(({ env: name }) =>
      webhookKey(requiredSecret(env, name, 'secret-missing'), name),
    );
    const url = addressOf(settings, env);
    return { settings, post: eventSender(url, keys), address: textHash(url) };
  });
}

function addressOf({ url }: EventWebhook, env: NodeJS.ProcessEnv): string {
  if (typeof url === 'string') return url;
  const address = HttpUrl.safeParse(requiredSecret(env, url.env, 'secret-missing'));
  if (address.success) return address.data;
  const expected = 'an http or https address without a password in it';
  throw new Refusal('environment-invalid', { name: url.env, value: '…', expected });
}

/** Sends the audit to each of them, in one of all replicas at a time; none waits for another. */
export function startWebhooks(
  webhooks: readonly OpenedWebhook[],
  {
    pool,
    log,
    leaseMs = LEASE_MS,
  }: { readonly pool: pg.Pool; readonly log: Logger; readonly leaseMs?: number },
): Repeated {
  const stopped = new AbortController();
  const places = new WebhookPlaces(new Store(pool), randomUUID, leaseMs);
  const jobs = webhooks.map(({ settings, post, address }) => {
    let begun = false;
    const work = async () => {
      if (!begun) await places.begin(settings.name, address);
      begun = true;
      const { now } = clock;
      const stop = stopped.signal;
      await sendDue({ settings, post, address, places, log, now, random: Math.random, stop });
    };
    return repeat(EVERY.fiveSeconds, work, { log, trouble: 'the audit could not be sent to a webhook' });
  });
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(jobs.map((job) => job.stop()));
    },
  };
}
