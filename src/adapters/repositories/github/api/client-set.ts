import type { AdapterContext } from '../../../shared/context.ts';
import { GithubFiles } from '../files.ts';
import { GithubHistory } from '../history.ts';
import { GithubRefs } from '../refs.ts';
import type { GithubSettings } from '../settings.ts';
import { GithubClient } from './client.ts';
import { GithubPermissions } from './permissions.ts';

/** One repository, with what is known of it so far. */
export interface GithubRepository {
  readonly client: GithubClient;
  readonly files: GithubFiles;
  readonly history: GithubHistory;
  readonly refs: GithubRefs;
  readonly permissions: GithubPermissions;
}

const OPEN = new Map<string, GithubRepository>();

/**
 * One per repository, login and data folder in a process, so that the forge and the targets share what they know,
 * and wait together when GitHub asks for a pause. Refusals of `openLogin`.
 */
export function githubRepository(settings: GithubSettings, context: AdapterContext): GithubRepository {
  const { repository, api, web, token, app, timeout } = settings;
  const key = JSON.stringify([context.dataDir, { repository, api, web, token, app, timeout }]);
  const known = OPEN.get(key);
  if (known) return known;
  const client = new GithubClient(settings, context);
  const opened = {
    client,
    files: new GithubFiles(client),
    history: new GithubHistory(client),
    refs: new GithubRefs(client),
    permissions: new GithubPermissions(client),
  };
  OPEN.set(key, opened);
  return opened;
}
