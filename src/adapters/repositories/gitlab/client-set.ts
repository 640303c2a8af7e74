import { resolve } from 'node:path';
import type { AdapterContext } from '../../shared/context.ts';
import { openRemote, type Remote } from '../git/remote.ts';
import { GitlabClient } from './client.ts';
import { type GitlabSettings, projectPage } from './settings.ts';

/** One per project and login among the adapters that are opened together. Refusal `secret-missing`. */
export function gitlabClient(settings: GitlabSettings, context: AdapterContext): GitlabClient {
  const { project, token, url, ca, timeout } = settings;
  const key = { project, token, url, ca, timeout };
  return context.shared.get('gitlab', key, () => new GitlabClient(settings, context));
}

/** The same project as a git remote: any user name goes with a token. */
export function gitlabRemote(settings: GitlabSettings, context: AdapterContext): Remote {
  const { token, timeout, ca } = settings;
  const remote = openRemote(
    { url: `${projectPage(settings)}.git`, token, username: 'oauth2', timeout },
    context,
  );
  if (ca === undefined) return remote;
  // The operator's own variable of this name would count for more than a setting.
  const environment = { ...remote.environment, GIT_SSL_CAINFO: resolve(context.configDir, ca) };
  return { ...remote, environment };
}
