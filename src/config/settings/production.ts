import { z } from 'zod';
import { Duration, DurationOrNone } from '../../adapters/shared/context.ts';
import { HttpUrl } from '../../adapters/shared/http.ts';
import { Percent, PercentagePoints } from '../../adapters/shared/ratio.ts';
import { Called } from './people.ts';

export const HealthSettings = z
  .strictObject({
    settle: Duration.prefault('5s').meta({ description: 'Pause between the deploy and the first check.' }),
    interval: Duration.prefault('2s').meta({ description: 'Pause between two attempts of a check.' }),
    'in-a-row': z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .meta({ description: 'Successes in a row that a check needs.' }),
    timeout: Duration.prefault('2m').meta({
      description: 'After this a check that has not succeeded has failed.',
    }),
  })
  .meta({ description: 'How the checks are repeated.' });

export const MonitorSettings = z
  .strictObject({
    window: Duration.prefault('20m').meta({
      description: 'How long production is watched; 15 to 30 minutes are usual.',
    }),
    stage: Duration.prefault('5m').meta({
      description: 'How long each share of the requests but the last is watched, where there are stages.',
    }),
    tick: Duration.prefault('30s').meta({ description: 'One sample is taken per tick.' }),
    settle: Duration.prefault('3m').meta({
      description:
        'So long after the deploy more errors or slower answers are no alarm yet: a restart is not a bad release. An outage is one at once; slower answers are critical only after twice as long.',
    }),
    baseline: Duration.prefault('60m').meta({
      description: 'How much of the time before the deploy is compared with.',
    }),
    call: Called.prefault({}).meta({
      description:
        'Who is mentioned when production suffers, besides whoever asked for the promotion: people or groups on call.',
    }),
    checkpoint: Duration.prefault('5m').meta({
      description:
        'When nobody takes an alarm for so long, more people are called; again after twice as long, and so on.',
    }),
    'error-rate-rise': PercentagePoints.prefault('1pp').meta({
      description: 'Allowed rise of the error rate over the baseline.',
    }),
    'latency-rise': Percent.prefault('10%').meta({
      description: 'Allowed rise of response times over the baseline.',
    }),
    blind: z.enum(['refuse', 'allow']).default('refuse').meta({
      description:
        'Whether to ship when no metrics are configured, or their source does not answer or does not know the service.',
    }),
  })
  .meta({ description: 'How production is watched after a deploy.' });

/** `5%`; 100 comes as the last one. */
const Share = z
  .string()
  .regex(/^(100|\d{1,2}(\.\d)?)%$/, 'a share of the requests, such as 5%')
  .transform((text) => Number(text.slice(0, -1)));

export const StagesSettings = z
  .array(Share)
  .min(2)
  .max(10)
  .refine((shares) => shares.at(-1) === 100, { error: 'the last one has to be 100%' })
  .refine((shares) => shares.every((share, index) => share > (shares[index - 1] ?? 0)), {
    error: 'each share has to be larger than the one before',
  })
  .meta({
    description:
      'Shares of the requests that a release gets one after the other. Each but the last is proven healthy and watched for monitor.stage; an alarm goes back to none. The target has to be able to split: Cloud Run, Argo Rollouts, a command with {percent} among its arguments, or a webhook with `percent: true`. Cloud Run and Argo Rollouts take whole percents only.',
    examples: [['5%', '25%', '100%']],
  });

export const RollbackSettings = z
  .strictObject({
    automatic: z
      .enum(['never', 'critical'])
      .default('never')
      .meta({ description: 'Whether Slipway rolls back by itself when production turns critical.' }),
    'stop-within': DurationOrNone.prefault('10s').meta({
      description:
        'So long people have to stop a rollback that Slipway begins by itself, before anything is deployed; 0s: none.',
    }),
    tag: z
      .enum(['keep', 'delete'])
      .default('keep')
      .meta({ description: 'What happens to the tag of the release that was rolled back.' }),
  })
  .meta({ description: 'Rolling back.' });

export const LinkSettings = z
  .strictObject({
    production: HttpUrl.optional().meta({ description: 'Where people see production.' }),
    dashboard: HttpUrl.optional().meta({ description: 'Where people see its metrics.' }),
    staging: HttpUrl.optional().meta({ description: 'Where people see staging.' }),
  })
  .meta({ description: 'Addresses shown on the card and in the report.' });
