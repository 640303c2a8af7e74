import { z } from 'zod';
import { Duration } from '../../adapters/shared/context.ts';
import { GROUP_ID } from '../../domain/policy/policy.ts';
import { OUTSIDE } from '../../domain/promotion/authors.ts';

const UserId = z
  .string()
  .regex(/^[UW][A-Z0-9]{1,20}$/, 'a Slack member id such as U024BE7LH')
  .meta({ description: 'Slack member id (profile → ⋮ → Copy member ID).', examples: ['U024BE7LH'] });

/** By id: a handle can be taken from one group and given to another. */
const UserGroup = z
  .string()
  .regex(GROUP_ID, {
    error:
      'the id of a user group such as S0614TZR7, not its handle; `slipway doctor` says the id of a handle',
  })
  .meta({
    description: 'Slack user group, by id; `slipway doctor` says the id of a handle.',
    examples: ['S0614TZR7'],
  });

const users = z.array(UserId).meta({ description: 'Members, by id.' });
const groups = z
  .array(UserGroup)
  .meta({ description: 'User groups, by id; asked for their members at every click.' });

/** An account as GitHub or GitLab writes it, or an email address. */
const HostName = z
  .string()
  .regex(
    /^([A-Za-z0-9][A-Za-z0-9_.-]{0,254}(\[bot\])?|[^\s@]{1,200}@[^\s@]{1,200})$/,
    'an account of GitHub or GitLab such as octocat, or an email address',
  );

/** To one reader an empty list means nobody, to another everybody: it is refused. */
const NAMES_NOBODY = 'at least one; leave it out, or write `anyone` where every member is meant';
const someUsers = users.refine((list) => list.length > 0, { error: NAMES_NOBODY }).optional();
const someGroups = groups.refine((list) => list.length > 0, { error: NAMES_NOBODY }).optional();

/** Who is called; nobody by default. */
export const Called = z.strictObject({ users: users.default([]), groups: groups.default([]) });

/** Whom it is left to: a word for everyone of the channel or the workspace, or names. */
const WhoSettings = z.union(
  [
    z.enum(['channel', 'anyone']),
    z
      .strictObject({ users: someUsers, groups: someGroups })
      .refine((named) => named.users !== undefined || named.groups !== undefined, {
        error: 'users or groups, at least one of them',
      }),
  ],
  { error: 'channel, anyone, or { users: [U024BE7LH], groups: [S0614TZR7] }' },
);
export type WhoSettings = z.infer<typeof WhoSettings>;

const RequirementSettings = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(80)
      .optional()
      .meta({ description: 'In words for people; by default who they are.' }),
    users: users.default([]),
    groups: groups.default([]),
    count: z.int().min(1).max(20).default(1).meta({ description: 'How many of these must approve.' }),
  })
  .refine(({ users, groups }) => users.length + groups.length > 0, 'users or groups, at least one of them')
  .meta({ description: 'People of whom so many must be among the approvers.' });

export const ApprovalSettings = z
  .strictObject({
    required: z
      .int()
      .min(1, 'at least 1: what ships without asking anybody is nobody’s decision')
      .max(20)
      .default(1)
      .meta({ description: 'How many different people must approve.' }),
    users: someUsers,
    groups: someGroups,
    who: z.enum(['channel', 'anyone']).optional().meta({
      description:
        '`channel`: every full member of the channel of the service, which holds when nobody is named; `anyone`: every full member of the workspace.',
    }),
    from: z.array(RequirementSettings).max(10).default([]).meta({
      description:
        'Whose approval is needed among them, such as one of the release managers and one of the owners. One person fills one place.',
    }),
    authors: z.enum(['allowed', 'excluded']).default('allowed').meta({
      description:
        'Whether authors of the promoted commits may approve them. Authors are those whom a commit names (author, committer, `Co-authored-by`, `Signed-off-by`), by their email address in Slack, and on GitHub and GitLab the accounts that opened its pull request or pushed to it, on GitHub also those that signed it. An author whom nobody knows may be anyone who approves: each takes one approval more.',
    }),
    people: z
      .record(HostName, z.union([UserId, z.literal(OUTSIDE)], { error: 'a Slack member id, or outside' }))
      .default({})
      .meta({
        description:
          'Who the authors are, where their email address in Slack does not tell: Slack member id by account of GitHub or GitLab, or by email address; `outside` for bots and for people who are not in this workspace.',
        examples: [{ octocat: 'U024BE7LH', 'dependabot[bot]': OUTSIDE }],
      }),
    self: z.boolean().default(false).meta({ description: 'Whether the person who asked may approve too.' }),
    expire: Duration.prefault('4h').meta({ description: 'How long people have to approve.' }),
  })
  .meta({
    description:
      'Who approves. Without settings: one full member of the channel of the service, but not the one who asked.',
  });

export const PermissionSettings = z
  .strictObject({
    start: WhoSettings.default('channel').meta({
      description: 'Who may start a promotion: `channel`, `anyone` (of the workspace), or users and groups.',
    }),
    rollback: WhoSettings.optional().meta({
      description:
        'Who may roll back, and cancel what is not being deployed yet; by default those who may approve, or only those of `approvals.from` where nobody else is named.',
    }),
    accept: WhoSettings.optional().meta({
      description:
        'Who may go on with a production that is unhealthy, alarming or not proven; by default as with `rollback`.',
    }),
    override: WhoSettings.optional().meta({
      description: 'Who may break the glass; by default nobody.',
    }),
    lock: WhoSettings.default('channel').meta({
      description: 'Who may lock and unlock the service.',
    }),
  })
  .meta({ description: 'Who may do what; checked at every click.' });

export const BreakGlassSettings = z
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
