import { Refusal, Unavailable, whenRefused } from '../../../domain/refusals/refusal.ts';
import { type Build, type Live, type Release, runs, type Sha } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { type FoundBuild, findBuild, mustBeBuilt } from '../shared/build-search.ts';
import { actOrFind, commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { short } from '../shared/words.ts';
import type { VercelApi } from './vercel-api.ts';
import { deploysByItself, mayDeploy, mustWaitForPromotion } from './vercel-checks.ts';
import { isOpen, movingTo, progressOf } from './vercel-progress.ts';
import { commitOf, type VercelBuild, type VercelDeployment, type VercelProject } from './vercel-shapes.ts';

const PLATFORM = 'Vercel';

interface Options {
  readonly project: string;
  readonly domain: string;
  readonly token: { readonly env: string };
  readonly deploy: 'promote' | 'build';
}

/**
 * What is live is the deployment that the production domain points at. Nothing is written next to it: every order
 * looks at where the domain points, at the last promotion that was asked for, and (for builds) at the deployments
 * that carry its key, before it acts. So an order given twice acts once.
 */
export class VercelTarget implements Target {
  readonly kind = 'vercel';
  readonly name: string;
  readonly url: string;
  readonly notUndone = ['environment variables', 'cron jobs that ran or were changed meanwhile'];
  readonly #settings: Options;
  readonly #api: VercelApi;
  readonly #branch: string;
  readonly #now: () => number;

  constructor(settings: Options, api: VercelApi, branch: string, now: () => number) {
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
    mayDeploy(project, this.#settings.token.env);
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
    const { id, since } = this.#builds(order)
      ? { id: await this.#build(project, order, key), since: null }
      : await this.#pointAtBuild(project, order);
    return { id, startedAt: this.#now(), state: { since } };
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { id, startedAt } = handle;
    const { domain } = this.#settings;
    const [deployment, project] = await Promise.all([this.#api.deployment(id), this.#api.project()]);
    const aliased = await this.#api.aliased(domain); // after the project: what it calls done has been done
    const logUrl = deployment.inspectorUrl;
    const since = typeof handle.state['since'] === 'number' ? handle.state['since'] : startedAt;
    const progress = progressOf(deployment, project, { domain, aliased }, since);
    if (progress.kind === 'live' || progress.kind === 'failed') await this.#keepStaged();
    switch (progress.kind) {
      case 'live':
        return succeeded(id, startedAt, this.#now(), { url: this.url, logUrl });
      case 'failed':
        return failed(progress.words, { logUrl });
      case 'running':
        return running(handle, this.#now(), progress.words, logUrl);
    }
    if (this.#builds(order) && project.autoAssignCustomDomains === false) {
      await this.#point(project, order, id, false);
    }
    return running(handle, this.#now(), movingTo(id), logUrl);
  }

  /** Whether this order has the release commit built, instead of moving the domains to what is built already. */
  #builds(order: DeployOrder): boolean {
    return order.kind === 'deploy' && this.#settings.deploy === 'build';
  }

  /** A promotion turns on that pushes go to production. Where the token may not turn it off, the next preflight says so. */
  async #keepStaged(): Promise<void> {
    const project = await this.#api.project();
    if (deploysByItself(project, this.#branch))
      await this.#api.keepStaged(project.id).catch(whenRefused(null));
  }

  /** `since`: when somebody had asked for just that already; null otherwise. */
  async #pointAtBuild(project: VercelProject, order: DeployOrder) {
    const { release } = order;
    const build = await this.#mustFind(project, commitsOf(release), release.build?.deploymentId);
    const goBack = order.kind === 'rollback' && build.isRollbackCandidate;
    const { lastAliasRequest: job } = project;
    const isAsked = job?.toDeploymentId === build.id && isOpen(job.jobStatus);
    await this.#point(project, order, build.id, goBack);
    return { id: build.id, since: isAsked ? job.requestedAt : null };
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
    return mustBeBuilt(PLATFORM, commits, await this.#find(project, commits, preferred, signal));
  }

  /** The one that was validated, else one that served production, else the newest; only builds for production. */
  #find(
    { id }: VercelProject,
    commits: readonly Sha[],
    preferred: string | undefined,
    signal?: AbortSignal,
  ): Promise<FoundBuild<VercelBuild>> {
    const listOf = (commit: Sha) => this.#api.builds(id, commit, signal);
    return findBuild(commits, preferred, listOf, ({ isPromoted }) => isPromoted);
  }

  #liveAs(deployment: VercelDeployment): Live {
    const commit = commitOf(deployment);
    if (commit === null) {
      throw new Refusal('live-unnamed', { platform: this.name, deployment: deployment.id });
    }
    return { commit, deploymentId: deployment.id };
  }
}
