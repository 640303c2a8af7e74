import { z } from 'zod';
import { Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { sourceSettings } from '../names.ts';

const Slug = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'a short name as in addresses, such as acme');

export const SentrySettings = z
  .strictObject({
    use: z.literal('sentry'),
    ...sourceSettings,
    url: TokenUrl.default('https://sentry.io').meta({
      description: 'Its address: https://de.sentry.io of an account in Europe, or where you host it.',
    }),
    organization: Slug,
    projects: z
      .array(z.int().positive())
      .min(1)
      .max(50)
      .meta({ description: 'Numbers of the projects of this service, as in the address of their pages.' }),
    environment: z.string().min(1).max(64).default('production'),
    token: SecretRef.meta({
      description: 'A token that may read the organization, its projects and events.',
    }),
    sessions: z.boolean().default(true).meta({
      description:
        'Judge the share of sessions that crash: as the error rate of the service, or under `name`. false: only new issues.',
    }),
    crashed: z
      .array(z.enum(['crashed', 'abnormal', 'errored', 'unhandled']))
      .min(1)
      .default(['crashed'])
      .meta({ description: 'Sessions that count as failed.' }),
    proves: z.boolean().default(false).meta({
      description:
        'Whether few crashes prove that a release is healthy. false: they only alarm, as a crash counts when its session began, and crashes of sessions that last longer than `delay` are not seen. true where nearly all sessions are shorter and crashes are told at once, as those of servers.',
    }),
    'new-issues': z.boolean().default(false).meta({
      description:
        'Judge in how many ticks an issue is seen for the first time, under the name `new issues`.',
    }),
    timeout: Duration.prefault('10s'),
    delay: Duration.prefault('2m').meta({
      description:
        'How long after its end a tick is read: so long sessions and events may take to be counted. Crashes of longer sessions are not seen: set it to how long sessions last.',
    }),
  })
  .superRefine((settings, context) => {
    if (settings.sessions || settings['new-issues']) return;
    context.addIssue({ code: 'custom', path: ['new-issues'], message: 'true, or nothing would be read' });
  })
  .meta({ description: 'Reads crashed sessions and new issues from Sentry, hosted by it or by yourself.' });
export type SentrySettings = z.infer<typeof SentrySettings>;
