import { z } from 'zod';
import { Duration } from '../shared/context.ts';
import { Headers, HttpUrl } from '../shared/http.ts';

const PromQl = z
  .string()
  .min(1)
  .meta({ description: 'PromQL; $window stands for the length of a tick, as in [$window].' });

export const PrometheusSettings = z
  .strictObject({
    use: z.literal('prometheus'),
    url: HttpUrl.meta({ description: 'Address of the server, before /api/v1.' }),
    headers: Headers.default({}),
    timeout: Duration.prefault('10s'),
    preset: z.enum(['http-requests', 'http-histogram', 'opentelemetry']).default('http-requests').meta({
      description:
        'Which names the metrics have: http_requests_total, http_request_duration_seconds_count, http_server_request_duration_seconds_count.',
    }),
    selector: z
      .string()
      .default('')
      .meta({ description: 'Label matchers that pick the service, such as job="shop".' }),
    'status-label': z
      .string()
      .regex(/^[a-zA-Z_]\w*$/, 'the name of a label')
      .optional(),
    queries: z
      .strictObject({ total: PromQl, errors: PromQl.optional(), latency: PromQl.optional() })
      .optional()
      .meta({ description: 'Instead of the preset. latency gives histogram buckets, a series for each le.' }),
    'latency-unit': z.enum(['s', 'ms']).default('s'),
    scrape: Duration.prefault('15s').meta({ description: 'How often Prometheus asks the service.' }),
    delay: Duration.prefault('5s').meta({
      description: 'How long after its end a tick is read: so long the last scrape may take to be there.',
    }),
    alerts: z
      .strictObject({ labels: z.record(z.string(), z.string()) })
      .optional()
      .meta({ description: 'Firing alerts with all these labels are critical.' }),
  })
  .meta({
    description: 'Reads requests, errors, latency and alerts from Prometheus or what speaks its API.',
  });
export type PrometheusSettings = z.infer<typeof PrometheusSettings>;
