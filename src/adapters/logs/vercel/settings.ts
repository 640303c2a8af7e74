import { z } from 'zod';
import { SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { logSettings } from '../port.ts';

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'fatal'] as const;

export const VercelLogSettings = z
  .strictObject({
    use: z.literal('vercel'),
    ...logSettings,
    domain: z
      .string()
      .regex(/^(?=.{4,253}$)[a-z\d-]+(\.[a-z\d-]+)+$/, 'a domain such as shop.example.com')
      .meta({ description: 'The domain of production: what it points at is listened to.' }),
    token: SecretRef.meta({ description: 'A token that may read the project.' }),
    team: z
      .string()
      .regex(/^team_\w{1,60}$/, 'the id of a team, such as team_a1b2c3')
      .optional()
      .meta({ description: 'Id of the team that the project belongs to.' }),
    levels: z.array(z.enum(LEVELS)).min(1).default(['error', 'fatal']).meta({
      description: 'A line of one of these levels is an error.',
    }),
    api: TokenUrl.default('https://api.vercel.com').meta({ description: 'Address of the API.' }),
  })
  .meta({
    description:
      'Listens to the runtime logs of what serves production at Vercel, as long as Slipway runs: its API has none of before. What is listened to is kept in memory for two hours. A drain to Loki or Elasticsearch loses nothing in a restart.',
  });
export type VercelLogSettings = z.output<typeof VercelLogSettings>;
