import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Build, Live, Release, Sha } from '../../../domain/release/release.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { TokenUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { type FoundBuild, findBuild, mustBeBuilt, type PlatformBuild } from '../shared/build-search.ts';
import { actOrFind, commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { short } from '../shared/words.ts';
import { tokenAccount } from './account.ts';
import { NetlifyApi, type NetlifySite } from './netlify-api.ts';

const PLATFORM = 'Netlify';

export const NetlifySettings = z
  .strictObject({
    use: z.literal('netlify'),
    site: z
      .string()
      .regex(/^[\w.-]+$/, 'an id or a domain such as shop.netlify.app')
      .meta({ description: 'Id of the site (project), or its domain such as shop.netlify.app.' }),
    token: SecretRef,
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    api: TokenUrl.default('https://api.netlify.com/api/v1').meta({
      description: "Address of Netlify's API.",
    }),
  })
  .meta({
    description: 'Publishes the production deploy of the commit that was validated, without a build.',
  });
export type NetlifySettings = z.infer<typeof NetlifySettings>;

export const netlifyTarget = defineKind({
  settings: NetlifySettings,
  open: (settings, context: TargetContext) => openNetlify(settings, context, context.repository.branch),
});

/** `branch`: where the releases of the service are cut. */
export function openNetlify(settings: NetlifySettings, context: AdapterContext, branch: string): Target {
  const api = new NetlifyApi(tokenAccount(PLATFORM, settings, context), settings.site);
  return new NetlifyTarget(settings, api, branch, context.now);
}

/**
 * What is live is the published deploy. Publishing is at once and leaves the site the same when it is done twice;
 * what is published already is not published again. The lock that keeps Netlify from publishing by itself moves along.
 */
class NetlifyTarget implements Target {
  readonly kind = 'netlify';
  readonly promotes = true;
  readonly name: string;
  readonly notUndone = ['environment variables', 'data in forms and blobs'];
  readonly #api: NetlifyApi;
  readonly #branch: string;
  readonly #now: () => number;

  constructor({ site }: NetlifySettings, api: NetlifyApi, branch: string, now: () => number) {
    this.name = `Netlify site ${site}`;
    this.#api = api;
    this.#branch = branch;
    this.#now = now;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const site = await this.#api.site(signal);
    mustBeLocked(site, this.#branch);
    const { published_deploy: live } = site;
    return live
      ? `${site.name} answers, and serves the deploy ${live.id}.`
      : `${site.name} answers; nothing is published there yet.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    return this.#liveAs(await this.#api.site(signal));
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const found = await this.#find(commitsOf(release), release.build?.deploymentId, signal);
    const tag = release.tag || release.version;
    if (found.kind === 'build') return `${this.name} still has it as ${found.build.id}.`;
    throw new Refusal('release-not-deployable', { tag, reason: `${this.name} has ${found.instead}` });
  }

  async promotable(build: Build, signal?: AbortSignal): Promise<string> {
    const { id } = await this.#mustFind([build.commit], build.deploymentId, signal);
    return `${short(build.commit)} is ready as ${id}.`;
  }

  async start(order: DeployOrder, _key: string): Promise<DeployHandle> {
    const { release } = order;
    const { id } = await this.#mustFind(commitsOf(release), release.build?.deploymentId);
    const site = await this.#api.site();
    if (site.published_deploy?.id !== id) {
      mustNotHaveMoved(this.name, order, this.#liveAs(site));
      const isThere = async () => (await this.#api.site()).published_deploy?.id === id;
      await actOrFind(() => this.#api.restore(id), isThere);
    }
    return { id, startedAt: this.#now(), state: {} };
  }

  async follow(_order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { id, startedAt } = handle;
    const site = await this.#api.site();
    const live = site.published_deploy;
    if (live?.id !== id) {
      const deploy = await this.#api.deploy(id);
      const logUrl = deploy.admin_url;
      return deploy.state === 'error'
        ? failed(deploy.error_message ?? `The deploy ${id} failed.`, { logUrl })
        : running(handle, this.#now(), `${id} is ${deploy.state}`, logUrl);
    }
    if (site.build_settings?.repo_branch && !live.locked) await this.#api.lock(id);
    return succeeded(id, startedAt, this.#now(), { url: site.ssl_url ?? site.url, logUrl: live.admin_url });
  }

  async #mustFind(
    commits: readonly Sha[],
    preferred: string | undefined,
    signal?: AbortSignal,
  ): Promise<PlatformBuild> {
    return mustBeBuilt(PLATFORM, commits, await this.#find(commits, preferred, signal));
  }

  /** The one that was validated, else the newest; only what was built for production. */
  #find(
    commits: readonly Sha[],
    preferred: string | undefined,
    signal?: AbortSignal,
  ): Promise<FoundBuild<PlatformBuild>> {
    return findBuild(commits, preferred, (commit) => this.#api.buildsOf(commit, signal));
  }

  #liveAs({ published_deploy: live }: NetlifySite): Live | null {
    if (!live) return null;
    if (!live.commit_ref) throw new Refusal('live-unnamed', { platform: this.name, deployment: live.id });
    return { commit: live.commit_ref, deploymentId: live.id };
  }
}

/** Where pushes to the release branch are published by themselves, the release would deploy itself. */
function mustBeLocked({ build_settings: builds, published_deploy: live }: NetlifySite, branch: string): void {
  if (builds?.repo_branch !== branch || builds.stop_builds || !live || live.locked) return;
  throw new Refusal('deploys-by-itself', {
    platform: PLATFORM,
    what: branch,
    remedy: 'Choose "Lock to stop auto publishing" on the page of the deploys: Slipway keeps that lock',
  });
}
