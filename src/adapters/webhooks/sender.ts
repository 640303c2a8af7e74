import { createHmac } from 'node:crypto';
import type { CloudEvent } from '../../domain/audit/cloud-event.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { visibleInJson } from '../../domain/text/visible.ts';
import { askOften } from '../shared/http.ts';

/** As Standard Webhooks recommends, ms. */
const TIMEOUT_MS = 15_000;

/** Whether an event was taken. */
type Posted =
  | { readonly kind: 'taken' }
  | {
      readonly kind: 'not-taken';
      /** "it answered 500", "connection refused" */
      readonly why: string;
      /** The receiver wants no more of it (410). */
      readonly isGone: boolean;
      /** As the receiver asks; 0: it does not. */
      readonly retryAfterMs: number;
    };

export type PostEvent = (event: CloudEvent, now: number, signal?: AbortSignal) => Promise<Posted>;

/**
 * Posts events to one receiver: CloudEvents in structured mode, signed as Standard Webhooks describes, with each of the keys.
 * Only the status counts, 2xx; no redirect is followed.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function eventSender(url: string, keys: readonly Buffer[], timeoutMs = TIMEOUT_MS): PostEvent {
  return async (event, now, signal) => {
    // What nobody sees is escaped: signed are the very bytes that are sent.
    const body = visibleInJson(JSON.stringify(event));
    const answer = await askOften({
      url,
      method: 'POST',
      headers: {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        ...signature(keys, event.id, Math.floor(now / 1_000), body),
      },
      body,
      timeoutMs,
      bodiless: true,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply')
      return { kind: 'not-taken', why: answer.words, isGone: false, retryAfterMs: 0 };
    const { status, headers } = answer;
    if (status >= 200 && status < 300) return { kind: 'taken' };
    const why = `it answered ${status}`;
    return {
      kind: 'not-taken',
      why,
      isGone: status === 410,
      retryAfterMs: waitIn(headers['retry-after'] ?? '', now),
    };
  };
}

function signature(keys: readonly Buffer[], id: string, seconds: number, body: string) {
  const signed = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signed.join(' '),
  };
}

/** `Retry-After` in seconds or as a date, in ms. */
function waitIn(header: string, now: number): number {
  const wait = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Math.max(wait || 0, 0);
}

/** The bytes of a secret as it is written: `whsec_` and base64. Refusal `environment-invalid`, without the secret. */
export function webhookKey(secret: string, name: string): Buffer {
  const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]{22,88}={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(base64, 'base64');
  const isWhole = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  if (isWhole && key.length >= 24 && key.length <= 64) return key;
  throw new Refusal('environment-invalid', {
    name,
    value: '…',
    expected: 'whsec_ and 24 to 64 random bytes in base64: echo "whsec_$(openssl rand -base64 32)"',
  });
}
