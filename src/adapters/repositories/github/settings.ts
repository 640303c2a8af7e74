import { z } from 'zod';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { Duration, SecretRef } from '../../shared/context.ts';
import { HttpUrl, TokenUrl } from '../../shared/http.ts';

const NumericId = z.union([z.int().positive(), z.string().regex(/^[A-Za-z0-9.]+$/)], {
  error: 'the number that GitHub shows on the page of the app',
});

/** What it takes to talk to one repository on GitHub; shared by the repository and the targets that live there. */
export const githubShape = {
  repository: z
    .string()
    .regex(
      /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/,
      'owner/name, such as acme/shop',
    )
    .meta({ description: 'The repository, as owner/name.', examples: ['acme/shop'] }),
  token: SecretRef.optional().meta({
    description: 'Fine-grained personal access token. Either this or `app`.',
  }),
  app: z
    .strictObject({
      id: NumericId.meta({ description: 'App id or client id.' }),
      installation: z
        .int()
        .positive()
        .meta({ description: 'Id of the installation on the organization or account.' }),
      'private-key': SecretRef.meta({
        description: 'The private key of the app (PEM; line ends may be written as \\n).',
      }),
    })
    .optional()
    .meta({ description: 'A GitHub App; its installation tokens are renewed by themselves.' }),
  api: TokenUrl.default('https://api.github.com').meta({
    description: 'Base address of the REST API; for GitHub Enterprise Server https://HOST/api/v3.',
  }),
  web: HttpUrl.optional().meta({ description: 'Base address of the web pages, when `api` does not tell.' }),
  timeout: Duration.prefault('20s').meta({ description: 'The longest that one request may take.' }),
};

/** Exactly one way to sign in. */
export function hasOneLogin({ token, app }: { readonly token?: unknown; readonly app?: unknown }): boolean {
  return (token === undefined) !== (app === undefined);
}

export const ONE_LOGIN =
  'exactly one of token: { env: GITHUB_TOKEN } and app: { id, installation, private-key }';

export const GithubSettings = z.strictObject(githubShape);
export type GithubSettings = z.infer<typeof GithubSettings>;

/** Where the web pages of an API live: github.com, a GitHub Enterprise Server, or a ghe.com subdomain. */
export function webBase({ api, web }: Pick<GithubSettings, 'api' | 'web'>): string {
  if (web !== undefined) return withoutTrailing(web, '/');
  const url = new URL(api);
  if (url.hostname === 'api.github.com') return 'https://github.com';
  if (url.hostname.startsWith('api.') && url.hostname.endsWith('.ghe.com')) {
    return `${url.protocol}//${url.host.slice('api.'.length)}`;
  }
  return `${url.origin}${withoutTrailing(url.pathname, '/').replace(/\/api\/v3$/, '')}`;
}
