import type { SlackApi } from './slack-api.ts';

/** What Slack tells an app of a whole organisation for one workspace at a time. */
const OF_ONE: readonly string[] = ['users.conversations', 'conversations.list', 'usergroups.list'];

/** Ids of the workspaces in which the app is; the first thousand. */
export async function workspacesOf(
  api: SlackApi,
  token: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const answer = await api.call('auth.teams.list', token, signal, { limit: '1000' });
  return answer.ok ? (answer.workspaces ?? []) : null;
}

/** The same API, whose lists go through one workspace after the other. */
export function acrossWorkspaces(api: SlackApi, workspaces: readonly string[]): SlackApi {
  return {
    call: async (method, token, signal, { cursor = '0:', ...args } = {}) => {
      if (!OF_ONE.includes(method) || workspaces.length === 0)
        return api.call(method, token, signal, { ...args, ...(cursor === '0:' ? {} : { cursor }) });
      const [, index = '0', inside = ''] = /^(\d+):(.*)$/.exec(cursor) ?? [];
      const at = Number(index);
      const ask = (team: string | undefined, from: string) =>
        api.call(method, token, signal, {
          ...args,
          ...(team === undefined ? {} : { team_id: team }),
          ...(from === '' ? {} : { cursor: from }),
        });
      if (method === 'usergroups.list') {
        const answers = await Promise.all(workspaces.map((team) => ask(team, '')));
        const [first] = answers;
        const failed = answers.find(({ ok }) => !ok) ?? first;
        if (failed === undefined || !failed.ok) return failed ?? ask(undefined, '');
        return { ...failed, groups: answers.flatMap(({ groups }) => groups ?? []) };
      }
      const answer = await ask(workspaces[at], inside);
      if (answer.nextCursor) return { ...answer, nextCursor: `${at}:${answer.nextCursor}` };
      return at + 1 < workspaces.length ? { ...answer, nextCursor: `${at + 1}:` } : answer;
    },
  };
}
