import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { Duration, SecretRef } from '../shared/context.ts';
import { askOnce, Headers, HttpUrl, resolveHeaders } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { signedRequest } from '../targets/webhook/protocol.ts';
import type { HeadContext, HeadPlace } from './port.ts';

const WebhookHeadSettings = z
  .strictObject({
    use: z.literal('webhook'),
    url: HttpUrl.meta({
      description: 'Each head is posted there as JSON, signed as the orders of docs/webhook-target.md are.',
    }),
    secret: SecretRef,
    headers: Headers.default({}).meta({ description: 'More headers, such as the token of a gateway.' }),
    every: Duration.prefault('1h').meta({ description: 'How often.' }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
  })
  .meta({ description: 'A receiver of your own, such as that of a log archive.' });

export const webhookHeads = defineKind({ settings: WebhookHeadSettings, open: openWebhookHeads });

function openWebhookHeads(
  { url, secret, headers, every, timeout }: z.output<typeof WebhookHeadSettings>,
  context: HeadContext,
): HeadPlace {
  const key = context.secret(secret.env);
  const more = resolveHeaders(headers, context);
  const name = nameOf(new URL(url));
  return {
    name,
    everyMs: every,
    publish: async ({ seq, hash, key: publicKey, signature, at }, slot) => {
      const body = JSON.stringify({ kind: 'audit-head', slot, seq, hash, key: publicKey, signature, at });
      const answer = await askOnce({
        url,
        method: 'POST',
        headers: {
          ...more,
          'content-type': 'application/json',
          'idempotency-key': slot,
          ...signedRequest(key, { method: 'POST', url, body }, context.now()),
        },
        body,
        timeoutMs: timeout,
      });
      if (answer.kind !== 'reply') throw new Unavailable(name, answer.words);
      if (answer.status >= 200 && answer.status < 300) return;
      if (answer.status >= 500 || answer.status === 429)
        throw new Unavailable(name, `status ${answer.status}`);
      throw new Refusal('audit-head-refused', { place: name, reason: `status ${answer.status}` });
    },
  };
}

/** What is behind the question mark may be a secret, and may be what tells two receivers apart. */
function nameOf({ origin, pathname, search }: URL): string {
  const rest = search === '' ? '' : `?…${createHash('sha256').update(search).digest('hex').slice(0, 8)}`;
  return `the webhook ${origin}${pathname}${rest}`;
}
