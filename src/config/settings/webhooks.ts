import { z } from 'zod';
import { SecretRef } from '../../adapters/shared/context.ts';
import { HttpUrl } from '../../adapters/shared/http.ts';
import { AUDIT_ACTIONS, isAtSurface } from '../../domain/audit/actions.ts';
import { isOneOfEvents } from '../../domain/audit/cloud-event.ts';

const ACTIONS = [...Object.keys(AUDIT_ACTIONS), 'command', 'shortcut'];

const Event = z
  .string()
  .regex(
    /^[a-z][a-z-]*(\.[a-z-]+)*(\.\*)?$/,
    'an action of the audit such as promotion.shipped or rollback.*',
  )
  .refine((event) => isAtSurface(event) || ACTIONS.some((action) => isOneOfEvents(action, [event])), {
    error: 'an action that the audit knows, such as promotion.shipped or rollback.*',
  });

const Webhook = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]{1,60}$/, 'a name of letters, digits, - and _')
    .meta({ description: 'What the bot keeps its place by: a webhook of another name begins anew.' }),
  url: z
    .union([HttpUrl, SecretRef], { error: 'an http or https address without a password, or { env: NAME }' })
    .meta({
      description: 'Where events are posted; `{ env: NAME }` where the address itself is a secret.',
      examples: ['https://events.example.com/slipway'],
    }),
  secret: SecretRef.meta({
    description:
      'What events are signed with: `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks has it.',
  }),
  'old-secret': SecretRef.optional().meta({
    description: 'The secret before, while receivers change to the new one: events are signed with both.',
  }),
  events: z
    .array(Event)
    .min(1)
    .max(100)
    .optional()
    .meta({
      description: 'These only; all that the audit has by default.',
      examples: [['promotion.shipped', 'rollback.*']],
    }),
  services: z.array(z.string().min(1)).min(1).max(1_000).optional().meta({
    description: 'What happens to these services only; by default all, and what concerns no service.',
  }),
});
export type EventWebhook = z.output<typeof Webhook>;

export const WebhooksSettings = z
  .array(Webhook)
  .max(20)
  .refine((webhooks) => new Set(webhooks.map(({ name }) => name)).size === webhooks.length, {
    error: 'a different name for each webhook',
  })
  .default([])
  .meta({ description: 'Where everything that the audit has is sent, as signed CloudEvents.' });
