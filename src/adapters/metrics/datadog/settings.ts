import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import { datadogSettings } from '../../shared/datadog/client.ts';
import { countSettings, sourceSettings } from '../names.ts';

const Query = z
  .string()
  .min(1)
  .max(2_000)
  .refine((query) => !query.includes('.rollup('), { error: 'without .rollup(): it is always a tick' })
  .meta({ description: 'A query of Datadog without .rollup(); {service} stands for the name.' });

export const DatadogSettings = z
  .strictObject({
    use: z.literal('datadog'),
    ...sourceSettings,
    ...datadogSettings,
    total: Query.meta({
      description: 'All requests, as a count.',
      examples: ['sum:trace.express.request.hits{service:{service},env:prod}.as_count()'],
    }),
    errors: Query.optional().meta({
      description: 'Those that failed. Where Datadog has no point, and has one of the total, that is none.',
      examples: ['sum:trace.express.request.errors{service:{service},env:prod}.as_count()'],
    }),
    latency: z
      .strictObject({ p50: Query.optional(), p95: Query.optional(), p99: Query.optional() })
      .optional()
      .meta({
        description: 'Percentiles of a distribution, such as p95:trace.express.request{service:shop}.',
      }),
    'latency-unit': z.enum(['s', 'ms', 'us', 'ns']).default('s'),
    counts: countSettings(Query),
    timeout: Duration.prefault('10s'),
    delay: Duration.prefault('90s').meta({
      description: 'How long after its end a tick is read: what is newer is not complete at Datadog.',
    }),
  })
  .meta({ description: 'Reads counts and percentiles from Datadog.' });
export type DatadogSettings = z.infer<typeof DatadogSettings>;
