import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Build, type Live, type Release, runs, type Sha } from '../../../domain/release/release.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { actOrFind, commitsOf, mustNotHaveMoved, running, short } from './platform-order.ts';
import {
  commitOf,
  VercelApi,
  type VercelBuild,
  type VercelDeployment,
  type VercelProject,
} from './vercel-api.ts';

const PLATFORM = 'Vercel';

export const VercelSettings = z
  .strictObject({
    use: z.literal('vercel'),
    project: z.string().min(1).meta({ description: 'Name or id of the project.' }),
    team: z.string().min(1).optional().meta({
      description: 'Slug or id (team_…) of the team that owns it; absent: the account of the token.',
    }),
    domain: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'a domain such as shop.example.com')
      .meta({ description: 'A production domain of the project: what it points at is what is live.' }),
    token: SecretRef,
    deploy: z.enum(['promote', 'build']).default('promote').meta({
      description:
        'promote: the staged production build of the commit that was validated, without building it again. build: the release commit.',
    }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    api: HttpUrl.default('https://api.vercel.com').meta({ description: "Address of Vercel's REST API." }),
  })
  .meta({ description: 'Points the production domains of a Vercel project at the build of the release.' });
export type VercelSettings = z.infer<typeof VercelSettings>;

export const vercelTarget = defineKind({
  settings: VercelSettings,
  open: (settings, context: TargetContext) => openVercel(settings, context, context.repository.branch),
});

/** `branch`: where the releases of the service are cut. */
export function openVercel(settings: VercelSettings, context: AdapterContext, branch: string): Target {
  const token = context.secret(settings.token.env);
  const api = new VercelApi(
    {
      platform: PLATFORM,
      base: settings.api,
      headers: { authorization: `Bearer ${token}` },
      tokenName: settings.token.env,
      secrets: [token],
      timeoutMs: settings.timeout,
      now: context.now,
    },
    { project: settings.project, team: settings.team },
  );
  const target = new VercelTarget(settings, api, branch, context.now);
  return settings.deploy === 'build'
    ? Object.assign(target, { cancel: (handle: DeployHandle) => api.cancel(handle.id) })
    : Object.assign(target, { promotes: true, promotable: target.mustBePromotable.bind(target) });
}

/**
 * What is live is the deployment that the production domain points at. Nothing is written next to it: every order
 * looks at where the domain points, at the last promotion that was asked for, and (for builds) at the deployments
 * that carry its key, before it acts. So an order given twice acts once.
 */
class VercelTarget implements Target {
  readonly kind = 'vercel';
  readonly name: string;
  readonly url: string;
  readonly notUndone = ['environment variables', 'cron jobs that ran or were changed meanwhile'];
  readonly #settings: VercelSettings;
  readonly #api: VercelApi;
  readonly #branch: string;
  readonly #now: () => number;

  constructor(settings: VercelSettings, api: VercelApi, branch: string, now: () => number) {
    this.name = `Vercel project ${settings.project}`;
    this.url = `https://${settings.domain}`;
    this.#settings = settings;
    this.#api = api;
    this.#branch = branch;
    this.#now = now;
  }

  /** Token, project and domain; that the token may promote, where Vercel says so; that no push goes live by itself. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const { domain } = this.#settings;
    const project = await this.#api.project(signal);
    mayDeploy(project, this.#settings);
    mustWaitForPromotion(project, this.#branch);
    const live = await this.#api.aliased(domain, signal);
    if (live !== null) return `${project.name} answers, and ${domain} points at ${live}.`;
    await this.#api.mustHaveDomain(project.id, domain, signal);
    return `${project.name} answers, and ${domain} is its domain; nothing is deployed there yet.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const id = await this.#api.aliased(this.#settings.domain, signal);
    return id === null ? null : this.#liveAs(await this.#api.deployment(id, signal));
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const { name } = this;
    const project = await this.#api.project(signal);
    const found = await this.#find(project, commitsOf(release), release.build?.deploymentId, signal);
    const tag = release.tag || release.version;
    if (found.kind === 'none') {
      throw new Refusal('release-not-deployable', { tag, reason: `${name} has ${found.instead}` });
    }
    const { id, isRollbackCandidate } = found.build;
    return isRollbackCandidate
      ? `${name} still has it as ${id}, and can go back to that at once.`
      : `${name} still has it as ${id}, and can promote that without building it again.`;
  }

  async mustBePromotable(build: Build, signal?: AbortSignal): Promise<string> {
    const project = await this.#api.project(signal);
    const { id } = await this.#mustFind(project, [build.commit], build.deploymentId, signal);
    return `${short(build.commit)} is ready as ${id}.`;
  }

  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const project = await this.#api.project();
    const id = this.#builds(order)
      ? await this.#build(project, order, key)
      : await this.#pointAtBuild(project, order);
    return { id, startedAt: this.#now(), state: {} };
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { id, startedAt } = handle;
    const { domain } = this.#settings;
    const [deployment, project] = await Promise.all([this.#api.deployment(id), this.#api.project()]);
    const aliased = await this.#api.aliased(domain); // after the project: what it calls done has been done
    const log = deployment.inspectorUrl ? { logUrl: deployment.inspectorUrl } : {};
    const failed = (reason: string): DeployStatus => ({ kind: 'failed', reason, ...log });
    const stillRunning = (detail: string) => running(handle, this.#now(), detail, log.logUrl);

    if (aliased === id) {
      const times = { startedAt, finishedAt: this.#now() };
      return { kind: 'succeeded', deployment: { id, url: this.url, ...times, ...log } };
    }
    const building = stateInWords(deployment);
    if (building.kind === 'failed') return failed(building.words);
    if (building.kind === 'running') return stillRunning(building.words);
    if (deployment.aliasError) return failed(`The domains were not moved: ${deployment.aliasError.message}`);

    const job = project.lastAliasRequest;
    if (job?.toDeploymentId === id) {
      if (job.jobStatus === 'failed')
        return failed(`Vercel could not point all production domains at ${id}.`);
      if (!isOpen(job.jobStatus)) {
        return failed(`Vercel has moved the domains, but ${domain} points at ${aliased ?? 'nothing'}.`);
      }
    } else if (job && job.requestedAt > startedAt + CLOCK_SKEW_MS) {
      return failed(`Somebody else had the domains moved to ${job.toDeploymentId} meanwhile.`);
    } else if (this.#builds(order) && project.autoAssignCustomDomains === false) {
      await this.#point(project, order, id, false);
    }
    return stillRunning(`${id} is ready; Vercel moves the production domains to it`);
  }

  /** Whether this order has the release commit built, instead of moving the domains to what is built already. */
  #builds(order: DeployOrder): boolean {
    return order.kind === 'deploy' && this.#settings.deploy === 'build';
  }

  async #pointAtBuild(project: VercelProject, order: DeployOrder): Promise<string> {
    const { release } = order;
    const build = await this.#mustFind(project, commitsOf(release), release.build?.deploymentId);
    const goBack = order.kind === 'rollback' && build.isRollbackCandidate;
    await this.#point(project, order, build.id, goBack);
    return build.id;
  }

  /** Asks for the domains to be moved, unless they are there or somebody asked for just that already. */
  async #point(project: VercelProject, order: DeployOrder, id: string, goBack: boolean): Promise<void> {
    const isThere = async () => {
      const { lastAliasRequest: job } = await this.#api.project();
      if (job?.toDeploymentId === id && isOpen(job.jobStatus)) return true;
      return (await this.#api.aliased(this.#settings.domain)) === id;
    };
    if (await isThere()) return;
    const busy = project.lastAliasRequest;
    if (busy && isOpen(busy.jobStatus)) {
      throw new Unavailable(PLATFORM, `it is still moving the domains to ${busy.toDeploymentId}`);
    }
    mustNotHaveMoved(this.name, order, await this.live());
    const why = `Slipway goes back to ${order.release.tag || order.release.version}`;
    await actOrFind(
      () => (goBack ? this.#api.rollback(project.id, id, why) : this.#api.promote(project.id, id)),
      isThere,
    );
  }

  /** A deployment made for this key, or already live, is not made again. */
  async #build(project: VercelProject, order: DeployOrder, key: string): Promise<string> {
    const { commit, tag, version } = order.release;
    const known = (await this.#api.builds(project.id, commit)).find((one) => one.key === key);
    if (known) return known.id;
    const live = await this.live();
    if (live?.deploymentId !== undefined && runs(live, order.release)) return live.deploymentId;
    mustNotHaveMoved(this.name, order, live);
    return this.#api.build(project, commit, tag || version, key);
  }

  async #mustFind(
    project: VercelProject,
    commits: readonly Sha[],
    preferred: string | undefined,
    signal?: AbortSignal,
  ): Promise<VercelBuild> {
    const found = await this.#find(project, commits, preferred, signal);
    if (found.kind === 'build') return found.build;
    const [commit = ''] = commits;
    throw found.kind === 'none' && found.preview !== null
      ? new Refusal('build-not-for-production', { platform: PLATFORM, commit, found: found.preview })
      : new Refusal('build-missing', { platform: PLATFORM, commit, reason: `there is ${found.instead}` });
  }

  /** The one that was validated, else one that served production, else the newest; only builds for production. */
  async #find(
    project: VercelProject,
    commits: readonly Sha[],
    preferred: string | undefined,
    signal?: AbortSignal,
  ): Promise<Found> {
    const all: VercelBuild[] = [];
    for (const commit of commits) {
      const builds = await this.#api.builds(project.id, commit, signal);
      const good = builds.filter((one) => one.state === 'READY' && one.target === 'production');
      const build = good.find((one) => one.id === preferred) ?? good.find((one) => one.isPromoted) ?? good[0];
      if (build) return { kind: 'build', build };
      all.push(...builds);
    }
    const preview = all.find((one) => one.state === 'READY')?.target ?? null;
    const [newest] = all;
    const instead = newest
      ? `only ${newest.id}, which is ${newest.state.toLowerCase()} for ${newest.target}`
      : `nothing that was built from ${commits.map(short).join(' or ')}`;
    return { kind: 'none', preview, instead };
  }

  #liveAs(deployment: VercelDeployment): Live {
    const commit = commitOf(deployment);
    if (commit === null) {
      throw new Refusal('live-unnamed', { platform: this.name, deployment: deployment.id });
    }
    return { commit, deploymentId: deployment.id };
  }
}

type Found =
  | { readonly kind: 'build'; readonly build: VercelBuild }
  /** `instead`: what there is. `preview`: the environment of a build that is ready, but not for production. */
  | { readonly kind: 'none'; readonly preview: string | null; readonly instead: string };

function isOpen(jobStatus: string): boolean {
  return jobStatus === 'pending' || jobStatus === 'in-progress';
}

/** Clocks differ by less than this, in ms. */
const CLOCK_SKEW_MS = 60_000;

function stateInWords({ id, readyState, errorMessage }: VercelDeployment): {
  readonly kind: 'ready' | 'running' | 'failed';
  readonly words: string;
} {
  switch (readyState) {
    case 'READY':
      return { kind: 'ready', words: '' };
    case 'QUEUED':
    case 'INITIALIZING':
    case 'BUILDING':
      return { kind: 'running', words: `${id} is ${readyState.toLowerCase()}` };
    case 'CANCELED':
      return { kind: 'failed', words: `${id} was cancelled.` };
    case 'ERROR':
      return {
        kind: 'failed',
        words: `The build of ${id} failed${errorMessage ? `: ${errorMessage}` : ''}.`,
      };
    default:
      return { kind: 'failed', words: `${id} is ${readyState.toLowerCase()} and cannot become live.` };
  }
}

/** Vercel lists what the account of the token may do with the project; where it does not, the order will tell. */
function mayDeploy(project: VercelProject, { token }: VercelSettings): void {
  const { permissions } = project;
  const missing = [
    permissions?.deploymentPromote?.length === 0 ? 'promote deployments' : null,
    permissions?.deploymentRollback?.length === 0 ? 'roll deployments back' : null,
  ].filter((one) => one !== null);
  if (missing.length === 0) return;
  throw new Refusal('platform-forbidden', {
    platform: PLATFORM,
    doing: `${missing.join(' and ')} of ${project.name}`,
    needs: 'the right to deploy to production (role Member with production access, Developer or Owner)',
    token: token.env,
  });
}

/** Where pushes to the release branch go live by themselves, the release would deploy itself. */
function mustWaitForPromotion(project: VercelProject, branch: string): void {
  if (project.rollingRelease) {
    throw new Refusal('target-misconfigured', {
      target: PLATFORM,
      reason: `${project.name} uses rolling releases, which move the traffic in stages that Slipway does not follow`,
    });
  }
  if (project.link?.productionBranch === branch && project.autoAssignCustomDomains !== false) {
    throw new Refusal('deploys-by-itself', {
      platform: PLATFORM,
      what: branch,
      remedy:
        'Turn off "Auto-assign Custom Production Domains" in the settings of the Production environment: then builds are staged until they are promoted',
    });
  }
}
