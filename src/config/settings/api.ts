import { z } from 'zod';
import { SecretRef } from '../../adapters/shared/context.ts';
import { API_SCOPES, PIPELINE } from '../../domain/operations/api-scopes.ts';

const Services = z.array(z.string().min(1)).max(1_000);

const ApiToken = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(60)
      .meta({
        description: 'What it is for; cards and the audit name it where it ships.',
        examples: ['dashboard'],
      }),
    token: SecretRef.meta({
      description: 'The token: 20 to 500 characters without spaces, sent as `Authorization: Bearer …`.',
    }),
    scopes: z.array(z.enum(API_SCOPES)).min(1).meta({
      description: 'What it may read; with `ship` it may start promotions, which people approve in Slack.',
    }),
    services: Services.optional().meta({ description: 'Of these services only; of all by default.' }),
    expires: z.iso
      .date({ error: 'a day such as 2027-01-31' })
      .optional()
      .meta({
        description: 'The last day (UTC) on which it is good; for ever by default.',
        examples: ['2027-01-31'],
      }),
    'acts-for': z
      .union([z.literal(PIPELINE), z.string().regex(/^[UW][A-Z0-9]{2,20}$/)], {
        error: 'pipeline, or the id of a member such as U024BE7LH',
      })
      .optional()
      .meta({
        description:
          'With the scope `ship`: who asks. The id of a Slack member, whose permissions it has; or `pipeline`, which may ship the `services` that it names. Whoever ran it may be among those who approve, so it takes one approval more.',
      }),
  })
  .superRefine(({ name, scopes, services, 'acts-for': actsFor }, context) => {
    const ships = scopes.includes('ship');
    const add = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (ships && actsFor === undefined)
      add('scopes', 'acts-for beside ship: pipeline, or the id of a Slack member');
    if (!ships && actsFor !== undefined) add('acts-for', 'only beside the scope ship');
    if (actsFor === PIPELINE && !/^[\w.-]+$/.test(name))
      add('name', 'letters, digits and . _ - only, because gates are told it as one word');
    if (actsFor === PIPELINE && services === undefined)
      add('acts-for', 'services beside it: what a pipeline may ship');
  });

export const ApiSettings = z
  .strictObject({
    tokens: z
      .array(ApiToken)
      .max(50)
      .refine((tokens) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
        error: 'a different name for each token',
      })
      .default([])
      .meta({ description: 'Who may ask, and for what.' }),
    badges: Services.default([]).meta({
      description:
        'Services whose badge (`/badge/SERVICE.svg`) everybody gets who reaches the port: the version that is live and the state.',
      examples: [['shop']],
    }),
  })
  .meta({ description: 'A JSON API on the same port, and status badges; nothing without this.' });
export type ApiSettings = z.output<typeof ApiSettings>;
