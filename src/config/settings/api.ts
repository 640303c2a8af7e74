import { z } from 'zod';
import { SecretRef } from '../../adapters/shared/context.ts';
import { API_SCOPES } from '../../domain/operations/api-scopes.ts';

const Services = z.array(z.string().min(1)).max(1_000);

const ApiToken = z.strictObject({
  name: z
    .string()
    .min(1)
    .meta({ description: 'What it is for, for the log.', examples: ['dashboard'] }),
  token: SecretRef.meta({
    description: 'The token: at least 20 characters, sent as `Authorization: Bearer …`.',
  }),
  scopes: z.array(z.enum(API_SCOPES)).min(1).meta({ description: 'What it may read.' }),
  services: Services.optional().meta({ description: 'Of these services only; of all by default.' }),
});

export const ApiSettings = z
  .strictObject({
    tokens: z.array(ApiToken).max(50).default([]).meta({ description: 'Who may ask, and for what.' }),
    badges: Services.default([]).meta({
      description:
        'Services whose badge (`/badge/SERVICE.svg`) everybody gets who reaches the port: the version that is live and the state.',
      examples: [['shop']],
    }),
  })
  .meta({ description: 'A read-only JSON API on the same port, and status badges; nothing without this.' });
export type ApiSettings = z.output<typeof ApiSettings>;
