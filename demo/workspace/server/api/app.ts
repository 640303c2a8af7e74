import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { flag, method, textOptional } from './method.ts';

/** The methods about the app itself. `socketUrl` gives out the address of a Socket Mode connection. */
export function appMethods(socketUrl: () => string | undefined): Methods {
  return {
    'api.test': method({
      token: 'none',
      args: { error: textOptional, foo: textOptional },
      run: (_core, args) => {
        if (args.error !== undefined) throw new SlackError(args.error, { args });
        return { args };
      },
    }),

    'auth.test': method({
      token: 'any',
      args: {},
      run: (core) => {
        const { identity } = core.store;
        return {
          url: `${core.address.url}/`,
          team: identity.team.name,
          user: core.store.user(identity.botUser).name,
          team_id: identity.organisation?.id ?? identity.team.id,
          user_id: identity.botUser,
          bot_id: identity.botId,
          app_id: identity.appId,
          ...(identity.organisation ? { enterprise_id: identity.organisation.id } : {}),
          is_enterprise_install: identity.organisation !== undefined,
        };
      },
    }),

    'auth.teams.list': method({
      token: 'any',
      args: { cursor: textOptional, include_icon: flag, limit: textOptional },
      run: (core) => {
        const { team } = core.store.identity;
        return { teams: [{ id: team.id, name: team.name }], response_metadata: { next_cursor: '' } };
      },
    }),

    'apps.connections.open': method({
      token: 'app',
      args: {},
      run: () => {
        const url = socketUrl();
        if (url === undefined) throw new SlackError('too_many_websockets');
        return { url };
      },
    }),

    'team.info': method({
      scopes: ['team:read'],
      args: { domain: textOptional, team: textOptional, include_icon: flag },
      run: (core) => {
        const { team } = core.store.identity;
        return { team: { id: team.id, name: team.name, domain: team.domain, email_domain: '', icon: {} } };
      },
    }),
  };
}
