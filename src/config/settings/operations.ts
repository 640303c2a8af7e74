import { z } from 'zod';
import { ApiSettings } from './api.ts';

export const OperationsSettings = z
  .strictObject({
    port: z
      .int()
      .min(1)
      .max(65_535)
      .meta({
        description:
          'Port on which the bot answers `/healthz`, `/readyz` and `/metrics`; `METRICS_PORT` says another one.',
        examples: [9464],
      }),
    host: z.string().min(1).default('127.0.0.1').meta({
      description:
        'Address that it listens on. Nobody is asked for a password there: `0.0.0.0` only where others cannot reach it.',
    }),
    api: ApiSettings.optional(),
  })
  .meta({ description: 'What those who keep the bot running can ask it; nothing without this.' });
export type OperationsSettings = z.output<typeof OperationsSettings>;
