import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { type PlatformAccount, PlatformApi, path } from '../../shared/platform/api.ts';
import type { PlatformBuild } from '../shared/build-search.ts';

const Deploy = z.object({
  id: z.string(),
  /** new, enqueued, building, uploading, uploaded, preparing, processing, ready, error, … */
  state: z.string(),
  /** production, deploy-preview, branch-deploy. */
  context: z.string().nullish(),
  commit_ref: z.string().nullish(),
  error_message: z.string().nullish(),
  admin_url: z.string().nullish(),
  /** Of what is published: nothing that is built later is published by itself. */
  locked: z.boolean().nullish(),
});
type NetlifyDeploy = z.infer<typeof Deploy>;

const Site = z.object({
  id: z.string(),
  name: z.string(),
  ssl_url: z.string().nullish(),
  url: z.string().nullish(),
  published_deploy: Deploy.nullish(),
  build_settings: z
    .object({ repo_branch: z.string().nullish(), stop_builds: z.boolean().nullish() })
    .nullish(),
});
export type NetlifySite = z.infer<typeof Site>;

const PAGE = 100;
const MOST_PAGES = 10;
const READ = 'access to the team of the site (where the team uses SAML, granted to the token by name)';
const PUBLISH = 'a member of the team as its owner who may publish deploys (Developer or Owner)';

/**
 * The calls of Netlify's API that a deployment takes, as its OpenAPI description has them
 * (https://open-api.netlify.com, https://github.com/netlify/open-api swagger.yml, May 2026): `getSite`,
 * `listSiteDeploys`, `getSiteDeploy`, `restoreSiteDeploy` and `lockDeploy`.
 */
export class NetlifyApi {
  readonly #api: PlatformApi;
  readonly #site: string;

  constructor(account: PlatformAccount, site: string) {
    this.#api = new PlatformApi(account);
    this.#site = site;
  }

  async site(signal?: AbortSignal): Promise<NetlifySite> {
    const { value } = await this.#api.call({
      path: path`/sites/${this.#site}`,
      reply: Site,
      doing: `read the site ${this.#site}`,
      needs: READ,
      what: `the site ${this.#site}`,
      signal,
    });
    return value;
  }

  async deploy(id: string): Promise<NetlifyDeploy> {
    const { value } = await this.#api.call({
      path: path`/sites/${this.#site}/deploys/${id}`,
      reply: Deploy,
      doing: `read the deploy ${id}`,
      needs: READ,
      what: `the deploy ${id}`,
    });
    return value;
  }

  /** Deploys of a commit, newest first, until there is one for production that is ready. */
  async buildsOf(commit: Sha, signal?: AbortSignal): Promise<readonly PlatformBuild[]> {
    const found: NetlifyDeploy[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const { value } = await this.#api.call({
        path: path`/sites/${this.#site}/deploys`,
        query: { page: String(page), per_page: String(PAGE) },
        reply: z.array(Deploy),
        doing: 'list deploys',
        needs: READ,
        what: `the site ${this.#site}`,
        signal,
      });
      found.push(...value.filter((one) => one.commit_ref === commit));
      if (value.length < PAGE || found.some(canBePublished)) break;
    }
    return found.map(({ id, state, context = null }) => {
      return { id, state, isReady: state === 'ready', environment: context };
    });
  }

  /** Publishes a deploy that exists: one that was never published, or an older one again. */
  async restore(id: string): Promise<void> {
    await this.#api.call({
      method: 'POST',
      path: path`/sites/${this.#site}/deploys/${id}/restore`,
      reply: Deploy,
      doing: `publish the deploy ${id}`,
      needs: PUBLISH,
      what: `the deploy ${id}`,
    });
  }

  /** Nothing is published by itself while that deploy is the published one. */
  async lock(id: string): Promise<void> {
    await this.#api.call({
      method: 'POST',
      path: path`/deploys/${id}/lock`,
      reply: Deploy,
      doing: `lock the deploy ${id}`,
      needs: PUBLISH,
      what: `the deploy ${id}`,
    });
  }
}

/** Built with the settings of production, to its end. */
function canBePublished({ state, context }: NetlifyDeploy): boolean {
  return state === 'ready' && context === 'production';
}
