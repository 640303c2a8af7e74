import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Build, Live, Release, Sha } from '../../../domain/release/release.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { canBePublished, NetlifyApi, type NetlifyDeploy, type NetlifySite } from './netlify-api.ts';
import { actOrFind, commitsOf, mustNotHaveMoved, running, short } from './platform-order.ts';

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
    api: HttpUrl.default('https://api.netlify.com/api/v1').meta({ description: "Address of Netlify's API." }),
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
  const token = context.secret(settings.token.env);
  const account = {
    platform: PLATFORM,
    base: settings.api,
    headers: { authorization: `Bearer ${token}` },
    tokenName: settings.token.env,
    secrets: [token],
    timeoutMs: settings.timeout,
    now: context.now,
  };
  return new NetlifyTarget(settings, new NetlifyApi(account, settings.site), branch, context.now);
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
    if (found.kind === 'deploy') return `${this.name} still has it as ${found.deploy.id}.`;
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
      const log = deploy.admin_url ? { logUrl: deploy.admin_url } : {};
      if (deploy.state !== 'error')
        return running(handle, this.#now(), `${id} is ${deploy.state}`, log.logUrl);
      return { kind: 'failed', reason: deploy.error_message ?? `The deploy ${id} failed.`, ...log };
    }
    if (site.build_settings?.repo_branch && !live.locked) await this.#api.lock(id);
    const url = site.ssl_url ?? site.url;
    return {
      kind: 'succeeded',
      deployment: {
        id,
        ...(url ? { url } : {}),
        ...(live.admin_url ? { logUrl: live.admin_url } : {}),
        startedAt,
        finishedAt: this.#now(),
      },
    };
  }

  async #mustFind(
    commits: readonly Sha[],
    preferred: string | undefined,
    signal?: AbortSignal,
  ): Promise<NetlifyDeploy> {
    const found = await this.#find(commits, preferred, signal);
    if (found.kind === 'deploy') return found.deploy;
    const [commit = ''] = commits;
    throw found.otherContext === null
      ? new Refusal('build-missing', { platform: PLATFORM, commit, reason: `there is ${found.instead}` })
      : new Refusal('build-not-for-production', { platform: PLATFORM, commit, found: found.otherContext });
  }

  /** The one that was validated, else the newest; only what was built for production. */
  async #find(commits: readonly Sha[], preferred: string | undefined, signal?: AbortSignal): Promise<Found> {
    const all: NetlifyDeploy[] = [];
    for (const commit of commits) {
      const deploys = await this.#api.deploysOf(commit, signal);
      const good = deploys.filter(canBePublished);
      const deploy = good.find((one) => one.id === preferred) ?? good[0];
      if (deploy) return { kind: 'deploy', deploy };
      all.push(...deploys);
    }
    const [newest] = all;
    return {
      kind: 'none',
      otherContext: all.find((one) => one.state === 'ready')?.context ?? null,
      instead: newest
        ? `only ${newest.id}, which is ${newest.state} for ${newest.context ?? 'an unknown context'}`
        : `nothing that was built from ${commits.map(short).join(' or ')}`,
    };
  }

  #liveAs({ published_deploy: live }: NetlifySite): Live | null {
    if (!live) return null;
    if (!live.commit_ref) throw new Refusal('live-unnamed', { platform: this.name, deployment: live.id });
    return { commit: live.commit_ref, deploymentId: live.id };
  }
}

type Found =
  | { readonly kind: 'deploy'; readonly deploy: NetlifyDeploy }
  /** `instead`: what there is. `otherContext`: what it was built for, when it is ready but not for production. */
  | { readonly kind: 'none'; readonly otherContext: string | null; readonly instead: string };

/** Where pushes to the release branch are published by themselves, the release would deploy itself. */
function mustBeLocked({ build_settings: builds, published_deploy: live }: NetlifySite, branch: string): void {
  if (builds?.repo_branch !== branch || builds.stop_builds || !live || live.locked) return;
  throw new Refusal('deploys-by-itself', {
    platform: PLATFORM,
    what: branch,
    remedy: 'Choose "Lock to stop auto publishing" on the page of the deploys: Slipway keeps that lock',
  });
}
