import type { SlackApi } from './slack-api.ts';

/** Ids of the workspaces in which the app is; the first thousand. */
export async function workspacesOf(
  api: SlackApi,
  token: string,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  const answer = await api.call('auth.teams.list', token, signal, { limit: '1000' });
  return answer.ok ? (answer.workspaces ?? []) : null;
}

/** The same API, whose list of user groups is that of all workspaces. */
export function acrossWorkspaces(api: SlackApi, workspaces: readonly string[]): SlackApi {
  return {
    call: async (method, token, signal, args = {}) => {
      if (method !== 'usergroups.list') return api.call(method, token, signal, args);
      const answers = await Promise.all(
        workspaces.map((team) => api.call(method, token, signal, { ...args, team_id: team })),
      );
      const failed = answers.find(({ ok }) => !ok);
      const [first] = answers;
      if (failed !== undefined || first === undefined) return failed ?? api.call(method, token, signal, args);
      return { ...first, groups: answers.flatMap(({ groups }) => groups ?? []) };
    },
  };
}
