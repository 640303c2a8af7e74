import { createHash } from 'node:crypto';
import { withoutTrailing } from '../../../../domain/text/trailing.ts';
import type { AdapterContext } from '../../../shared/context.ts';
import { Semaphore } from '../../semaphore.ts';
import type { GithubSettings } from '../settings.ts';
import { GithubRateLimit } from './rate-limit.ts';

/** GitHub asks for at most 100 at a time; a bot has no need to come near that. */
const CONCURRENT = 8;

/** What the repositories of one login have in common: GitHub counts requests by who makes them. */
export interface LoginTurns {
  readonly turns: Semaphore;
  readonly limit: GithubRateLimit;
  /** GraphQL has a limit of its own. */
  readonly graphqlLimit: GithubRateLimit;
}

/** The same for all that sign in to one GitHub as one installation, or with one token, whatever its variable is called. */
export function turnsOf(
  { api, app, token }: Pick<GithubSettings, 'api' | 'app' | 'token'>,
  context: Pick<AdapterContext, 'shared' | 'secret' | 'now'>,
): LoginTurns {
  const who =
    app === undefined
      ? createHash('sha256')
          .update(token === undefined ? '' : context.secret(token.env).trim())
          .digest('hex')
      : [app.id, app.installation];
  return context.shared.get('github-login', [withoutTrailing(api, '/'), who], () => ({
    turns: new Semaphore(CONCURRENT),
    limit: new GithubRateLimit(context.now),
    graphqlLimit: new GithubRateLimit(context.now),
  }));
}
