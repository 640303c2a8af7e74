import type { Octokit } from '@octokit/rest';
import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { keptSecret } from '../../../../domain/text/redaction.ts';
import type { AdapterContext } from '../../../shared/context.ts';
import type { GithubSettings } from '../settings.ts';

/** A token is replaced this long before its hour is over, in ms: what begins with it may take a while. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** For so long after it was issued GitHub may refuse a token that is good, in ms. */
const FRESH_MS = 5_000;

const Issued = z.object({ token: z.string().min(1), expires_at: z.string() });

/** How a client signs its requests. Nothing of it may be shown. */
export interface Login {
  readonly kind: 'token' | 'app';
  /** Id of the app's installation; null for tokens. */
  readonly installation: number | null;
  /** Value of the `authorization` header. Asks GitHub for an installation token when there is no fresh one. */
  header(octokit: Octokit): Promise<string>;
  /** As the app itself, for what only the app may ask; null for tokens. */
  appHeader(octokit: Octokit): Promise<string | null>;
  /** GitHub refused this header: forgets what it holds. True when the next `header` will be another one. */
  renew(refused: string): boolean;
  /** Whether this header is so new that not all of GitHub may know it. */
  isFresh(header: string): boolean;
  /** Every secret that was used so far, for scrubbing. */
  secrets(): readonly string[];
}

/** A text without any secret of the login. */
export function scrubbed(login: Login, text: string): string {
  return login.secrets().reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}

/** Refusal `secret-missing` when the environment variable is not set, `github-key` when it holds no private key. */
export function openLogin(settings: GithubSettings, context: AdapterContext): Login {
  if (settings.app !== undefined) return appLogin(settings.app, context);
  const token = settings.token === undefined ? '' : context.secret(settings.token.env).trim();
  return {
    kind: 'token',
    installation: null,
    header: async () => `Bearer ${token}`,
    appHeader: async () => null,
    renew: () => false,
    isFresh: () => false,
    secrets: () => (token === '' ? [] : [token]),
  };
}

/** Loaded only where something signs in as an App. */
async function signerOf(appId: string | number, privateKey: string) {
  const { createAppAuth } = await import('@octokit/auth-app');
  return createAppAuth({ appId, privateKey, log: { warn: () => undefined } });
}

function appLogin(app: NonNullable<GithubSettings['app']>, context: AdapterContext): Login {
  const { env } = app['private-key'];
  const privateKey = context.secret(env).replaceAll('\\n', '\n').trim();
  if (!/^-----BEGIN (RSA )?PRIVATE KEY-----[\s\S]+-----END (RSA )?PRIVATE KEY-----$/.test(privateKey)) {
    throw new Refusal('github-key', { name: env });
  }
  const seen = new Set<string>();
  const signer = signerOf(app.id, privateKey);
  signer.catch(() => undefined);
  const appHeader = async () => {
    const { token } = await (await signer)({ type: 'app' });
    seen.add(keptSecret(token));
    return `Bearer ${token}`;
  };

  let current: { readonly header: string; readonly issuedAt: number; readonly until: number } | null = null;
  let coming: Promise<string> | null = null;
  const issue = async (octokit: Octokit) => {
    const { data } = await octokit.request('POST /app/installations/{installation_id}/access_tokens', {
      installation_id: app.installation,
      headers: { authorization: await appHeader() },
    });
    const { token, expires_at: end } = Issued.parse(data);
    seen.add(keptSecret(token));
    const until = Date.parse(end) - RENEW_BEFORE_MS;
    current = { header: `token ${token}`, issuedAt: context.now(), until };
    return current.header;
  };
  return {
    kind: 'app',
    installation: app.installation,
    async header(octokit) {
      if (current !== null && context.now() < current.until) return current.header;
      // Those who ask meanwhile wait for the same token.
      coming ??= issue(octokit).finally(() => {
        coming = null;
      });
      return coming;
    },
    appHeader,
    renew(refused) {
      if (current?.header === refused) current = null;
      return true;
    },
    isFresh: (header) => current?.header === header && context.now() - current.issuedAt < FRESH_MS,
    secrets: () => [privateKey, ...seen],
  };
}
