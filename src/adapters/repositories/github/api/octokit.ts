import type { Octokit } from '@octokit/rest';
import { withoutTrailing } from '../../../../domain/text/trailing.ts';
import { webFetch } from '../../../shared/network/fetch.ts';
import type { GithubSettings } from '../settings.ts';
import type { Params, Raw } from './reply.ts';

const VERSION = '2022-11-28';

/** One repository of one GitHub over Octokit: routes, addresses and bodies. Throws Octokit's own errors. */
export class RepositoryRoutes {
  readonly octokit: Promise<Octokit>;
  readonly #place: { readonly owner: string; readonly repo: string };

  constructor(
    settings: Pick<GithubSettings, 'api' | 'timeout'>,
    place: { readonly owner: string; readonly repo: string },
  ) {
    this.#place = place;
    this.octokit = openOctokit(settings);
    this.octokit.catch(() => undefined);
  }

  async request(route: string, params: Params, signal: AbortSignal, authorization: string): Promise<Raw> {
    const {
      headers = {},
      request = {},
      ...rest
    } = params as { headers?: Record<string, string>; request?: object };
    // Octokit puts what the route has no place for into the query or the body.
    const place = route.includes('/repos/{owner}/{repo}') ? this.#place : {};
    return (await this.octokit).request(route, {
      ...place,
      ...rest,
      headers: { 'x-github-api-version': VERSION, ...headers, authorization },
      request: { ...request, signal },
    });
  }
}

/** Octokit is loaded only where something is on GitHub. */
async function openOctokit({ api, timeout }: Pick<GithubSettings, 'api' | 'timeout'>): Promise<Octokit> {
  const module = await import('@octokit/rest');
  const quiet = () => undefined;
  return new module.Octokit({
    baseUrl: withoutTrailing(api, '/'),
    userAgent: 'slipway',
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    request: { fetch: patientFetch(timeout) },
  });
}

/** Requests that Octokit makes by itself (installation tokens) get the same patience as ours. */
function patientFetch(timeoutMs: number) {
  return (url: string | URL, init: RequestInit = {}): Promise<Response> =>
    webFetch(url, { ...init, signal: init.signal ?? AbortSignal.timeout(timeoutMs) });
}
