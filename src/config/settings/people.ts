import { z } from 'zod';
import { Duration } from '../../adapters/shared/context.ts';

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

export const Who = z
  .strictObject(who)
  .meta({ description: 'Who may do this; empty: every full member of the workspace.' });

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

export const ApprovalSettings = z
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

export const PermissionSettings = z
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
