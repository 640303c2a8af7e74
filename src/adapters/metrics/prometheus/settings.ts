import { z } from 'zod';
import { Duration, SecretRef } from '../../shared/context.ts';
import { Headers, HttpUrl } from '../../shared/http.ts';
import { countSettings, sourceSettings } from '../names.ts';

/** Before the deploy any version is asked for, which only a pattern can be. */
const VERSION = /\{version\}/g;
const isInPattern = (text: string) =>
  [...text.matchAll(VERSION)].every(({ index }) => /=~\s{0,5}["'`][^"'`]{0,200}$/.test(text.slice(0, index)));
const versionError = { error: '{version} only in a pattern: version=~"{version}"' };

const PromQl = z.string().min(1).refine(isInPattern, versionError).meta({
  description:
    'PromQL; $window stands for the length of a tick, as in [$window], {service} for the name, {version} for a pattern of the version that was deployed, or of the build that was promoted (7 digits or more of its commit), as in version=~"{version}"; before the deploy it is any.',
});
const Label = z.string().regex(/^[a-zA-Z_]\w*$/, 'the name of a label');

export const PrometheusSettings = z
  .strictObject({
    use: z.literal('prometheus'),
    ...sourceSettings,
    url: HttpUrl.meta({
      description:
        'Address of the server, before /api/v1. With a prefix where it has one: /prometheus of Mimir and Grafana Cloud (/api/prom there), /select/0/prometheus of a VictoriaMetrics cluster.',
    }),
    headers: Headers.default({}),
    bearer: SecretRef.optional().meta({ description: 'Sent as `authorization: Bearer`.' }),
    basic: z
      .strictObject({ user: z.string().min(1), password: SecretRef })
      .optional()
      .meta({
        description: 'Sent as `authorization: Basic`; of Grafana Cloud the number and an access token.',
      }),
    tenant: z
      .string()
      .regex(/^[\w!.*'()|-]{1,150}$/, 'a tenant such as team-a')
      .optional()
      .meta({ description: 'Sent as X-Scope-OrgID, for Mimir, Loki and Thanos with tenants.' }),
    timeout: Duration.prefault('10s'),
    preset: z
      .enum(['http-requests', 'http-histogram', 'opentelemetry', 'native-histogram'])
      .default('http-requests')
      .meta({
        description:
          'Which names the metrics have: http_requests_total, http_request_duration_seconds_count, http_server_request_duration_seconds_count, or http_request_duration_seconds as a native histogram.',
      }),
    selector: z.string().default('').refine(isInPattern, versionError).meta({
      description: 'Label matchers that pick the service, such as job="{service}"; {version} as in queries.',
    }),
    'status-label': Label.optional(),
    queries: z
      .strictObject({ total: PromQl, errors: PromQl.optional(), latency: PromQl.optional() })
      .optional()
      .meta({
        description:
          'Instead of the preset. latency gives histogram buckets, a series for each le, or a native histogram.',
      }),
    compare: z
      .strictObject({
        by: z.literal('version').meta({ description: 'Releases are told apart by a label of requests.' }),
        label: Label.default('version').meta({
          description:
            'The label that has the version, the tag, or 7 digits or more of the commit, also of the build that was promoted.',
        }),
      })
      .optional()
      .meta({
        description:
          'Where the release before still answers after the deploy, as with canaries, the new one is compared with it in the same ticks. Queries of your own have to keep the label, as in sum by (version) (…).',
      }),
    counts: countSettings(PromQl),
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
    description:
      'Reads requests, errors, latency and alerts from Prometheus or what speaks its API: Thanos, Mimir, VictoriaMetrics, Grafana Cloud.',
  });
export type PrometheusSettings = z.infer<typeof PrometheusSettings>;
