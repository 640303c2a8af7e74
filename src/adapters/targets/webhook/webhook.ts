import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { Headers, HttpUrl, resolveHeaders } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import { PlatformApi } from '../../shared/platform/api.ts';
import type { Target } from '../port.ts';
import { signedRequest } from './protocol.ts';
import { WebhookTarget } from './webhook-target.ts';

const SHORTEST_SECRET = 16;

export const WebhookSettings = z
  .strictObject({
    use: z.literal('webhook'),
    url: HttpUrl.meta({
      description: 'Where orders to deploy and to roll back are posted. See docs/webhook-target.md.',
    }),
    live: HttpUrl.meta({ description: 'Asked for what is live: JSON with commit and version.' }),
    check: HttpUrl.optional().meta({
      description: 'Asked, by a post that must change nothing, whether a release could be deployed now.',
    }),
    secret: SecretRef,
    headers: Headers.default({}).meta({ description: 'More headers, such as the token of a gateway.' }),
    promotes: z.boolean().default(false).meta({
      description:
        'Whether it deploys what was built and validated for staging, instead of the release commit.',
    }),
    cancel: z.boolean().default(false).meta({
      description: 'Whether a DELETE of the status address stops a deployment.',
    }),
    percent: z.boolean().default(false).meta({
      description:
        'Whether the receiver sends only so many of the requests to a release as `percent` in an order says; `stages` need it.',
    }),
    production: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    deadline: Duration.prefault('30m').meta({ description: 'A deployment that takes longer has failed.' }),
    'not-undone': z
      .array(z.string().min(1))
      .default([])
      .meta({ description: 'What a rollback there does not undo, besides migrations.' }),
  })
  .meta({
    description: 'Deploys by a signed request to a receiver of your own: Argo CD, Spinnaker, Jenkins, …',
  });
export type WebhookSettings = z.infer<typeof WebhookSettings>;

export const webhookTarget = defineKind({ settings: WebhookSettings, open: openWebhook });

export function openWebhook(settings: WebhookSettings, context: AdapterContext): Target {
  const secret = context.secret(settings.secret.env);
  const name = `webhook ${new URL(settings.url).host}`;
  if (secret.length < SHORTEST_SECRET) {
    const reason = `the secret in ${settings.secret.env} is shorter than ${SHORTEST_SECRET} characters`;
    throw new Refusal('target-misconfigured', { target: name, reason });
  }
  const headers = resolveHeaders(settings.headers, context);
  const api = new PlatformApi({
    platform: `The receiver at ${new URL(settings.url).host}`,
    base: '',
    headers,
    sign: (request) => signedRequest(secret, request, context.now()),
    proof: 'signature',
    tokenName: settings.secret.env,
    secrets: [secret, ...Object.values(headers).filter((value) => value.length >= SHORTEST_SECRET)],
    timeoutMs: settings.timeout,
    now: context.now,
  });
  const target = new WebhookTarget(settings, name, api, context);
  const more = {
    ...(settings.cancel ? { cancel: target.stop.bind(target) } : {}),
    ...(settings.promotes ? { promotes: true } : {}),
    ...(settings.promotes && settings.check ? { promotable: target.mustBePromotable.bind(target) } : {}),
  };
  return Object.assign(target, more);
}
