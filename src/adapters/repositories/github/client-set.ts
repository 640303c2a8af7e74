import type { AdapterContext } from '../../shared/context.ts';
import { GithubClient } from './api/client.ts';
import { GithubPermissions } from './api/permissions.ts';
import { GithubFiles } from './files.ts';
import { GithubHistory } from './history.ts';
import { GithubRefs } from './refs.ts';
import type { GithubSettings } from './settings.ts';

/** One repository, with what is known of it so far. */
export interface GithubClientSet {
  readonly client: GithubClient;
  readonly files: GithubFiles;
  readonly history: GithubHistory;
  readonly refs: GithubRefs;
  readonly permissions: GithubPermissions;
}

/**
 * One per repository and login among the adapters that are opened together, so that the repository and the targets
 * share what they know, and wait together when GitHub asks for a pause. Refusals of `openLogin`.
 */
export function githubClientSet(settings: GithubSettings, context: AdapterContext): GithubClientSet {
  const { repository, api, web, token, app, timeout } = settings;
  return context.shared.get('github', { repository, api, web, token, app, timeout }, () => {
    const client = new GithubClient(settings, context);
    return {
      client,
      files: new GithubFiles(client),
      history: new GithubHistory(client),
      refs: new GithubRefs(client),
      permissions: new GithubPermissions(client),
    };
  });
}
