import { z } from 'zod';
import { awsSettings } from '../../shared/aws/client.ts';
import { Duration } from '../../shared/context.ts';
import { countSettings, sourceSettings } from '../names.ts';

const Metric = z.strictObject({
  namespace: z.string().min(1).max(255),
  metric: z.string().min(1).max(255),
  dimensions: z.record(z.string(), z.string().min(1)).default({}),
  stat: z.string().min(1).default('Sum'),
});
const Expression = z.strictObject({
  expression: z.string().min(1).max(2_048).meta({
    description: 'Metric math or a query of Metrics Insights, whose result is one series.',
  }),
});

/** A metric, several that are summed up, or an expression. */
const Query = z.union([Metric, Expression, z.array(Metric).min(1).max(10)], {
  error: 'a metric { namespace, metric, dimensions, stat }, a list of them, or { expression }',
});
export type CloudWatchQuery = z.infer<typeof Query>;
export type CloudWatchMetric = z.infer<typeof Metric>;

export const CloudWatchSettings = z
  .strictObject({
    use: z.literal('cloudwatch'),
    ...sourceSettings,
    ...awsSettings,
    'load-balancer': z
      .string()
      .regex(/^app\/[\w-]+\/[\da-f]+$/, 'the end of its ARN, such as app/shop/50dc6c495c0c9188')
      .optional()
      .meta({
        description:
          'An Application Load Balancer: its requests, the 5xx of targets and of itself, and the time that targets take.',
        examples: ['app/shop/50dc6c495c0c9188'],
      }),
    'target-group': z
      .string()
      .regex(
        /^targetgroup\/[\w-]+\/[\da-f]+$/,
        'the end of its ARN, such as targetgroup/shop/73e2d6bc24d8a067',
      )
      .optional()
      .meta({
        description:
          'Only this target group of the load balancer; of its own 5xx only the connections that failed are known then.',
      }),
    total: Query.optional().meta({
      description:
        'All requests: { namespace, metric, dimensions, stat }, a list whose sum it is, or { expression }.',
    }),
    errors: Query.optional().meta({
      description:
        'Those that failed, in the same ways. Where CloudWatch has no value, and has one of the total, that is none.',
    }),
    latency: z
      .strictObject({ p50: Query.optional(), p95: Query.optional(), p99: Query.optional() })
      .optional()
      .meta({ description: 'Percentiles, each a metric with a stat such as p95.' }),
    'latency-unit': z.enum(['s', 'ms', 'us']).default('s'),
    counts: countSettings(Query),
    timeout: Duration.prefault('10s'),
    delay: Duration.prefault('2m').meta({
      description: 'How long after its end a tick is read: what is newer is not complete at CloudWatch.',
    }),
  })
  .superRefine((settings, context) => {
    const isBalancer = settings['load-balancer'] !== undefined;
    if (isBalancer !== (settings.total !== undefined)) return;
    const message = 'either load-balancer, or total (with errors and latency)';
    context.addIssue({ code: 'custom', path: [isBalancer ? 'total' : 'load-balancer'], message });
  })
  .meta({ description: 'Reads counts and percentiles from Amazon CloudWatch.' });
export type CloudWatchSettings = z.infer<typeof CloudWatchSettings>;
