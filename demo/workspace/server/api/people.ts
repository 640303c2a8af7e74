import { slackGroup, slackUser } from '../payloads/format.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { count, flag, method, page, text, textOptional } from './method.ts';

export const peopleMethods: Methods = {
  'users.info': method({
    scopes: ['users:read'],
    args: { include_locale: flag, user: text },
    run: (core, args) => ({ user: slackUser(core, core.store.user(args.user)) }),
  }),

  'users.list': method({
    scopes: ['users:read'],
    args: { cursor: textOptional, include_locale: flag, limit: count },
    run: (core, args) => {
      const { items, nextCursor } = page([...core.store.users.values()], args, 1000);
      return {
        members: items.map((user) => slackUser(core, user)),
        cache_ts: core.ids.seconds(),
        response_metadata: { next_cursor: nextCursor },
      };
    },
  }),

  'users.lookupByEmail': method({
    scopes: ['users:read.email'],
    args: { email: text },
    run: (core, args) => {
      const user = [...core.store.users.values()].find(
        (entry) => entry.email.toLowerCase() === args.email.toLowerCase() && !entry.deleted,
      );
      if (user === undefined) throw new SlackError('users_not_found');
      return { user: slackUser(core, user) };
    },
  }),

  'usergroups.list': method({
    scopes: ['usergroups:read'],
    args: { include_count: flag, include_disabled: flag, include_users: flag },
    run: (core, args) => ({
      usergroups: [...core.store.groups.values()].map((group) =>
        slackGroup(core, group, args.include_users === true),
      ),
    }),
  }),

  'usergroups.users.list': method({
    scopes: ['usergroups:read'],
    args: { include_disabled: flag, usergroup: text },
    run: (core, args) => {
      const group = core.store.groups.get(args.usergroup);
      if (group === undefined) throw new SlackError('no_such_subteam');
      return { users: [...group.members] };
    },
  }),

  'bots.info': method({
    scopes: ['users:read'],
    args: { bot: textOptional },
    run: (core, args) => {
      const { identity } = core.store;
      if (args.bot !== undefined && args.bot !== identity.botId) throw new SlackError('bot_not_found');
      return {
        bot: {
          id: identity.botId,
          app_id: identity.appId,
          user_id: identity.botUser,
          name: core.manifest.botName,
          deleted: false,
        },
      };
    },
  }),
};
