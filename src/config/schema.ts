import { z } from 'zod';
import { CheckSettings } from '../adapters/checks/index.ts';
import { GateSettings } from '../adapters/gates/index.ts';
import { MetricsSettings } from '../adapters/metrics/index.ts';
import { RepositorySettings as RepositoryKinds } from '../adapters/repositories/index.ts';
import { Duration } from '../adapters/shared/context.ts';
import { HttpUrl } from '../adapters/shared/http.ts';
import { TargetSettings } from '../adapters/targets/index.ts';
import { COMMAND_WORDS } from '../domain/text/command-words.ts';
import { FreezeSettings } from './freeze.ts';
import { Percent, PercentagePoints } from './ratio.ts';

const Channel = z
  .string()
  .regex(/^(#[^\s#,]{1,80}|[CG][A-Z0-9]{2,})$/, 'a channel such as "#ship" (in quotes) or its id')
  .meta({ description: 'Slack channel, as "#name" or id.', examples: ['#ship'] });

const RepositoryPath = z
  .string()
  .regex(/^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\\0]+$/, 'a path inside the repository')
  .meta({ description: 'A path inside the repository, with forward slashes.' });

const UserId = z
  .string()
  .regex(/^[UW][A-Z0-9]{1,20}$/, 'a Slack member id such as U024BE7LH')
  .meta({ description: 'Slack member id (profile → ⋮ → Copy member ID).', examples: ['U024BE7LH'] });

const UserGroup = z
  .string()
  .regex(/^@?[a-z0-9][a-z0-9._-]{0,79}$|^S[A-Z0-9]{4,20}$/, 'a user group such as release-managers or its id')
  .meta({ description: 'Slack user group, as handle or id.', examples: ['release-managers'] });

const who = {
  users: z.array(UserId).default([]).meta({ description: 'Members, by id.' }),
  groups: z.array(UserGroup).default([]).meta({ description: 'User groups, looked up at every click.' }),
};

const Who = z
  .strictObject(who)
  .meta({ description: 'Who may do this; empty: every full member of the workspace.' });

const VersionFileSettings = z
  .union(
    [
      RepositoryPath,
      z.strictObject({
        path: RepositoryPath,
        pattern: z
          .string()
          .refine(hasOneGroup, { error: 'a regular expression with one capture group around the version' })
          .optional()
          .meta({
            description: 'Regular expression; its capture group is the version.',
            examples: ['VERSION = "(.+)"'],
          }),
      }),
    ],
    { error: 'a path, or { path: src/version.ts, pattern: \'VERSION = "(.+)"\' }' },
  )
  .meta({ description: 'A file that holds the version.', examples: ['src/version.ts'] });

const VersionSettings = z
  .strictObject({
    'tag-prefix': z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._/@-]*$|^$/, 'letters and digits that may begin the name of a git tag')
      .default('v')
      .meta({ description: 'What comes before the version in a tag.', examples: ['shop-v'] }),
    changelog: RepositoryPath.default('CHANGELOG.md').meta({ description: 'Keep a Changelog file.' }),
    files: z.array(VersionFileSettings).default([]).meta({
      description:
        'Files with the version besides package.json and its lock file, VERSION, pyproject.toml and Cargo.toml, which are found by themselves.',
    }),
    'breaking-below-one': z
      .enum(['minor', 'major'])
      .default('minor')
      .meta({ description: 'What a breaking change asks for below 1.0.0.' }),
  })
  .meta({ description: 'Version, changelog and tag.' });

const StateSettings = z
  .strictObject({
    folders: z
      .array(RepositoryPath)
      .min(1)
      .default(['specs', 'epics'])
      .meta({ description: 'Folders that hold feature folders such as 014-checkout.' }),
    shared: z
      .array(RepositoryPath)
      .default(['.spec-flow/memory/state.yaml'])
      .meta({ description: 'State files outside the feature folders; gates may live there too.' }),
  })
  .meta({ description: 'Where the state files are.' });

const RequirementSettings = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .meta({ description: 'In words for people; by default the groups.' }),
    ...who,
    count: z.int().min(1).max(20).default(1).meta({ description: 'How many of these must approve.' }),
  })
  .refine(({ users, groups }) => users.length + groups.length > 0, 'users or groups, at least one of them')
  .meta({ description: 'People of whom so many must be among the approvers.' });

const ApprovalSettings = z
  .strictObject({
    required: z
      .int()
      .min(0)
      .max(20)
      .default(1)
      .meta({ description: 'How many different people must approve; 0 ships without asking.' }),
    ...who,
    from: z.array(RequirementSettings).max(10).default([]).meta({
      description:
        'Whose approval is needed among them, such as one of the release managers and one of the owners. One person fills one place.',
    }),
    authors: z.enum(['allowed', 'excluded']).default('allowed').meta({
      description:
        'Whether authors of the promoted commits may approve them; a git author is a person of Slack by the email address.',
    }),
    self: z.boolean().default(false).meta({ description: 'Whether the person who asked may approve too.' }),
    expire: Duration.prefault('4h').meta({ description: 'How long people have to approve.' }),
  })
  .meta({ description: 'Who approves; without users and groups: every full member of the workspace.' });

const PermissionSettings = z
  .strictObject({
    start: Who.prefault({}).meta({ description: 'Who may start a promotion.' }),
    rollback: Who.prefault({}).meta({ description: 'Who may roll back.' }),
    override: Who.prefault({}).meta({
      description:
        'Who may break the glass, and go on in spite of the judge. While it names nobody, nobody may break the glass, and any full member may answer for the judge.',
    }),
    lock: Who.prefault({}).meta({ description: 'Who may lock and unlock the service.' }),
  })
  .meta({ description: 'Who may do what; checked at every click.' });

const BreakGlassSettings = z
  .strictObject({
    'acknowledge-within': Duration.prefault('24h').meta({
      description:
        'How soon a second person has to acknowledge that the glass was broken; the thread reminds.',
    }),
  })
  .meta({
    description:
      'Shipping in spite of a freeze or a lock: who may is named by permissions.override, and a second person has to acknowledge it.',
  });

const HealthSettings = z
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

const MonitorSettings = z
  .strictObject({
    window: Duration.prefault('20m').meta({
      description: 'How long production is watched; 15 to 30 minutes are usual.',
    }),
    tick: Duration.prefault('30s').meta({ description: 'One sample is taken per tick.' }),
    baseline: Duration.prefault('60m').meta({
      description: 'How much of the time before the deploy is compared with.',
    }),
    call: Who.prefault({}).meta({
      description:
        'Who is mentioned when production suffers, besides whoever asked for the promotion: people or groups on call.',
    }),
    checkpoint: Duration.prefault('5m').meta({
      description: 'The thread hears of the watch at least this often.',
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

const RollbackSettings = z
  .strictObject({
    automatic: z
      .enum(['never', 'critical'])
      .default('never')
      .meta({ description: 'Whether Slipway rolls back by itself when production turns critical.' }),
    tag: z
      .enum(['keep', 'delete'])
      .default('keep')
      .meta({ description: 'What happens to the tag of the release that was rolled back.' }),
  })
  .meta({ description: 'Rolling back.' });

const LinkSettings = z
  .strictObject({
    production: HttpUrl.optional().meta({ description: 'Where people see production.' }),
    dashboard: HttpUrl.optional().meta({ description: 'Where people see its metrics.' }),
    staging: HttpUrl.optional().meta({ description: 'Where people see staging.' }),
  })
  .meta({ description: 'Addresses shown on the card and in the report.' });

const Branch = z
  .string()
  .regex(
    /^(?![-/.])(?!.*(?:\.\.|\/\/|@\{|\.lock$|\.$|\/$))[^\s~^:?*[\\\0]+$/,
    'the name of a branch, such as main',
  )
  .default('main')
  .meta({ description: 'Branch that releases are cut on.' });

/** Any repository, and the branch, which all of them need. */
const RepositorySettings = z
  .discriminatedUnion('use', [
    RepositoryKinds.options[0].safeExtend({ branch: Branch }),
    RepositoryKinds.options[1].safeExtend({ branch: Branch }),
  ])
  .meta({
    description: 'The git repository and the branch that releases are cut on.',
    examples: [{ use: 'git', url: 'git@github.com:acme/shop.git', branch: 'main' }],
  });

/** One service of the config, before and after its defaults (`z.input`, `z.output`). */
export const ServiceSettings = z.strictObject({
  channel: Channel.optional().meta({ description: 'Channel of this service; slack.channel by default.' }),
  repository: RepositorySettings,
  target: TargetSettings.meta({
    description: 'Where and how production is deployed.',
    examples: [{ use: 'git-branch', branch: 'production' }],
  }),
  checks: z
    .array(CheckSettings)
    .max(50)
    .default([])
    .meta({ description: 'What proves that production is healthy.' }),
  gates: z
    .array(GateSettings)
    .max(50)
    .refine((gates) => new Set(gates.map(({ name }) => name)).size === gates.length, {
      error: 'a different name for each gate',
    })
    .default([])
    .meta({
      description:
        'Gates of your own, besides those that come along: asked about each candidate, at the start, after the approvals and before the deploy.',
    }),
  metrics: MetricsSettings.optional().meta({ description: 'Where error rate and latency come from.' }),
  version: VersionSettings.prefault({}),
  state: StateSettings.prefault({}),
  approvals: ApprovalSettings.prefault({}),
  permissions: PermissionSettings.prefault({}),
  freeze: FreezeSettings,
  'break-glass': BreakGlassSettings.prefault({}),
  health: HealthSettings.prefault({}),
  monitor: MonitorSettings.prefault({}),
  rollback: RollbackSettings.prefault({}),
  links: LinkSettings.prefault({}),
});
export type ServiceSettings = z.output<typeof ServiceSettings>;

export const SlackSettings = z
  .strictObject({
    channel: Channel.optional().meta({ description: 'Channel of services that name none.' }),
  })
  .meta({ description: 'Slack; its tokens come from the environment.' });

/** Words of the slash command that a service cannot be called; `all` stands for every service. */
const RESERVED: readonly string[] = [...COMMAND_WORDS, 'all'];

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

function hasOneGroup(pattern: string): boolean {
  try {
    // With an empty alternative every expression matches, so that its groups can be counted.
    return new RegExp(`${pattern}|`).exec('')?.length === 2;
  } catch {
    return false;
  }
}
