import { z } from 'zod';
import { GROUP_ID } from '../../domain/policy/policy.ts';
import { defineKind } from '../shared/kinds.ts';
import type { OnCall } from './port.ts';

const SlackSettings = z
  .strictObject({
    use: z.literal('slack'),
    groups: z
      .array(z.string().regex(GROUP_ID, 'the id of a user group such as S0614TZR7, not its handle'))
      .max(10)
      .default([])
      .meta({ description: 'User groups, by id.' }),
    users: z
      .array(z.string().regex(/^[UW][A-Z0-9]{1,20}$/, 'a Slack member id such as U024BE7LH'))
      .max(10)
      .default([])
      .meta({ description: 'Members, by id.' }),
  })
  .refine(({ groups, users }) => groups.length + users.length > 0, {
    error: 'groups or users, at least one of them',
  })
  .meta({ description: 'Mentions a user group, such as one that is kept in step with a rota, or members.' });

/** Whether a group exists is asked with all groups of the config. */
export const slackOnCall = defineKind({
  settings: SlackSettings,
  open: ({ groups, users }): OnCall => {
    const ids = [...groups, ...users];
    return {
      kind: 'slack',
      name: 'Slack',
      ids,
      people: async () => [],
      preflight: async () => `${ids.length} of Slack are called when nobody takes an alarm.`,
    };
  },
});
