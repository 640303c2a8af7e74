import { z } from 'zod';
import { namingFaults } from '../adapters/metrics/names.ts';
import { Duration } from '../adapters/shared/context.ts';
import type { AdapterTables } from '../adapters/tables.ts';
import { COMMAND_WORDS } from '../domain/commands/table.ts';
import { ALL } from '../domain/commands/words.ts';
import { FreezeSettings } from './freeze.ts';
import { FromSettings } from './settings/from.ts';
import { ApprovalSettings, BreakGlassSettings, PermissionSettings } from './settings/people.ts';
import {
  HealthSettings,
  LinkSettings,
  MonitorSettings,
  RollbackSettings,
  StagesSettings,
} from './settings/production.ts';
import { PathsSettings, StateSettings, VersionSettings } from './settings/release.ts';
import { Channel, ReportSettings } from './settings/reports.ts';

const MOST_SOURCES = 10;

/** One source or a list of them; parsed to a list. */
function sourcesSettings({ metrics }: AdapterTables) {
  return z
    .union([metrics.settings, z.array(metrics.settings).min(1).max(MOST_SOURCES)])
    .transform((given, context) => {
      const sources = Array.isArray(given) ? given : [given];
      for (const { path, message } of namingFaults(sources)) {
        context.addIssue({
          code: 'custom',
          path: [...(Array.isArray(given) ? path : path.slice(1))],
          message,
        });
      }
      return sources;
    });
}

function haveOwnNames(
  sources: readonly { readonly use: string; readonly name?: string | undefined }[],
): boolean {
  return new Set(sources.map(({ use, name }) => name ?? use)).size === sources.length;
}

const Visibility = z.enum(['channel', 'workspace']).default('channel').meta({
  description:
    'Who may see its releases in commands, the Home tab and the audit: the members of its channel, or every full member of the workspace as well. Guests only as members of the channel, people of other workspaces never.',
});

/** One service of the config; its adapters may be of the kinds in these tables. */
export function serviceSettings(adapters: AdapterTables) {
  return z.strictObject({
    from: FromSettings.optional(),
    channel: Channel.optional().meta({ description: 'Channel of this service; slack.channel by default.' }),
    visibility: Visibility,
    repository: adapters.repositories.settings.meta({
      description: 'The git repository and the branch that releases are cut on.',
      examples: [{ use: 'git', url: 'git@github.com:acme/shop.git', branch: 'main' }],
    }),
    paths: PathsSettings.optional(),
    target: adapters.targets.settings.meta({
      description: 'Where and how production is deployed.',
      examples: [{ use: 'git-branch', branch: 'production' }],
    }),
    checks: z
      .array(adapters.checks.settings)
      .max(50)
      .default([])
      .meta({ description: 'What proves that production is healthy.' }),
    gates: z
      .array(adapters.gates.settings)
      .max(50)
      .refine((gates) => new Set(gates.map(({ name }) => name)).size === gates.length, {
        error: 'a different name for each gate',
      })
      .default([])
      .meta({
        description:
          'Gates of your own, besides those that come along: asked about each candidate, at the start, after the approvals and before the deploy.',
      }),
    metrics: sourcesSettings(adapters).optional().meta({
      description:
        'Where error rate and latency come from: one source, or a list of them. All but one of a list have a name, under which what they count is judged by itself.',
    }),
    alerts: z
      .array(adapters.alerts.settings)
      .max(10)
      .refine(haveOwnNames, { error: 'a name for each of two of a kind' })
      .default([])
      .meta({
        description:
          'Where alerts of the service fire. A critical one keeps a release from being shipped, and makes production critical when it comes after the deploy; any other asks people.',
      }),
    logs: z
      .array(adapters.logs.settings)
      .max(10)
      .refine(haveOwnNames, { error: 'a name for each of two of a kind' })
      .default([])
      .meta({
        description:
          'Where error messages of the service are. One that was not there in the hour before the deploy asks people; it is critical only where `critical` says so.',
      }),
    'on-call': adapters.onCall.settings.optional().meta({
      description:
        'Who is called when nobody takes an alarm: first whoever asked, then those who approve, then these. Without it, and with `alerts` of PagerDuty, whoever is on call for those services.',
    }),
    version: VersionSettings.prefault({}),
    state: StateSettings.prefault({}),
    approvals: ApprovalSettings.prefault({}),
    permissions: PermissionSettings.prefault({}),
    freeze: FreezeSettings,
    'break-glass': BreakGlassSettings.prefault({}),
    health: HealthSettings.prefault({}),
    monitor: MonitorSettings.prefault({}),
    stages: StagesSettings.optional(),
    reports: ReportSettings.optional(),
    rollback: RollbackSettings.prefault({}),
    links: LinkSettings.prefault({}),
  });
}
export type ServiceSettings = z.output<ReturnType<typeof serviceSettings>>;

export const SlackSettings = z
  .strictObject({
    channel: Channel.optional().meta({ description: 'Channel of services that name none.' }),
    admins: Channel.optional().meta({
      description:
        'Channel of those who run Slipway: hears of configuration that is not taken, and of what changed in it.',
    }),
  })
  .meta({ description: 'Slack; its tokens come from the environment.' });

export type SlackSettings = z.output<typeof SlackSettings>;

export const Include = z
  .array(z.string().min(1))
  .max(100)
  .default([])
  .meta({
    description:
      'Files and globs in the folder of this file or below it, each with `services` and, for those, `defaults`: one for each team.',
    examples: [['teams/*.yaml']],
  });

/** Words of the slash command that a service cannot be called; `all` stands for every service. */
const RESERVED = [...COMMAND_WORDS, ALL];

export const ServiceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'a name of lower-case letters, digits and dashes, such as shop-api')
  .refine((name) => !RESERVED.includes(name), { error: 'a name that is not a word of /ship-prod itself' });

export const DataDir = z
  .string()
  .min(1)
  .default('.slipway')
  .meta({ description: 'Folder for the embedded database, caches and logs, relative to this file.' });

export const Keep = Duration.prefault('30d').meta({
  description:
    'How long the recorded steps, samples and sent messages of a promotion are kept after it is over. The promotion itself, its approvals and the audit log stay.',
});
