import { createAppAuth } from '@octokit/auth-app';
import type { Octokit } from '@octokit/rest';
import { Refusal } from '../../domain/refusal.ts';
import type { AdapterContext } from '../context.ts';
import type { GithubSettings } from './settings.ts';

/** How a client signs its requests. Nothing of it may be shown. */
export interface Login {
  readonly kind: 'token' | 'app';
  /** Value of the `authorization` header. Asks GitHub for an installation token when there is no fresh one. */
  header(octokit: Octokit): Promise<string>;
  /** As the app itself, for what only the app may ask; null for tokens. */
  appHeader(octokit: Octokit): Promise<string | null>;
  /** Forgets a token that GitHub refused; true when the next `header` may be a better one. */
  renew(): boolean;
  /** Every secret that was used so far, for scrubbing. */
  secrets(): readonly string[];
}

/** Refusal `secret-missing` when the environment variable is not set, `github-key` when it holds no private key. */
export function openLogin(settings: GithubSettings, context: AdapterContext): Login {
  if (settings.app !== undefined) return appLogin(settings.app, context);
  const token = settings.token === undefined ? '' : context.secret(settings.token.env).trim();
  return {
    kind: 'token',
    header: async () => `Bearer ${token}`,
    appHeader: async () => null,
    renew: () => false,
    secrets: () => (token === '' ? [] : [token]),
  };
}

function appLogin(app: NonNullable<GithubSettings['app']>, context: AdapterContext): Login {
  const { env } = app['private-key'];
  const privateKey = context.secret(env).replaceAll('\\n', '\n').trim();
  if (!/^-----BEGIN (RSA )?PRIVATE KEY-----[\s\S]+-----END (RSA )?PRIVATE KEY-----$/.test(privateKey)) {
    throw new Refusal('github-key', { name: env });
  }
  const seen = new Set<string>();
  let stale = false;
  let auth: ReturnType<typeof createAppAuth> | null = null;
  const authFor = (octokit: Octokit) => {
    auth ??= createAppAuth({
      appId: app.id,
      privateKey,
      installationId: app.installation,
      request: octokit.request,
      log: { warn: () => undefined },
    });
    return auth;
  };
  return {
    kind: 'app',
    async header(octokit) {
      const refresh = stale;
      stale = false;
      const { token } = await authFor(octokit)({ type: 'installation', refresh });
      seen.add(token);
      return `token ${token}`;
    },
    async appHeader(octokit) {
      const { token } = await authFor(octokit)({ type: 'app' });
      seen.add(token);
      return `Bearer ${token}`;
    },
    renew() {
      const first = !stale;
      stale = true;
      return first;
    },
    secrets: () => [privateKey, ...seen],
  };
}
