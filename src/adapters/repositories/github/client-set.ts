import type { AdapterContext } from '../../shared/context.ts';
import { GithubClient } from './api/client.ts';
import { GithubPermissions } from './api/permissions.ts';
import { GithubFiles } from './files.ts';
import { GithubHistory } from './history.ts';
import { KnownCommits } from './known/commits.ts';
import { KnownDiffs } from './known/diffs.ts';
import { GithubRefs } from './refs.ts';
import type { GithubSettings } from './settings.ts';

/** One repository, with what is known of it so far. */
export interface GithubClientSet {
  readonly client: GithubClient;
  readonly commits: KnownCommits;
  readonly files: GithubFiles;
  readonly history: GithubHistory;
  readonly refs: GithubRefs;
  readonly permissions: GithubPermissions;
}

/**
 * One per repository and login among the adapters that are opened together, so that the repository and the targets
 * share what they know; with all of the same login they wait together when GitHub asks for a pause. Refusals of `openLogin`.
 */
export function githubClientSet(settings: GithubSettings, context: AdapterContext): GithubClientSet {
  const { repository, api, web, token, app, timeout } = settings;
  return context.shared.get('github', { repository, api, web, token, app, timeout }, () => {
    const client = new GithubClient(settings, context);
    const commits = new KnownCommits();
    const diffs = new KnownDiffs();
    return {
      client,
      commits,
      files: new GithubFiles(client, diffs),
      history: new GithubHistory(client, commits, diffs),
      refs: new GithubRefs(client),
      permissions: new GithubPermissions(client),
    };
  });
}
