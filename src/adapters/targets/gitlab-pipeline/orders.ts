import { z } from 'zod';
import { whenRefusedOrAway } from '../../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../../domain/release/release.ts';
import type { TagForm } from '../../../domain/release/tag-form.ts';
import { deployedBy, isOrderOf } from '../../repositories/correlation.ts';
import type { GitlabClient } from '../../repositories/gitlab/client.ts';
import { deploymentsTo, type GitlabDeployment } from '../../repositories/gitlab/deployments.ts';
import {
  GitlabJob,
  GitlabPipeline,
  jobsOf,
  pipelineOf,
  pipelinesOf,
  variablesOf,
} from '../../repositories/gitlab/pipelines.ts';
import { path } from '../../shared/platform/api.ts';
import { untilStopped } from '../shared/until-stopped.ts';

/** A pipeline or a job in one of these states goes on no more. */
export const ENDED = ['success', 'failed', 'canceled', 'skipped'];
/** A deployment whose job nobody has started, or which was left out. */
const NOT_BEGUN = ['created', 'blocked', 'skipped'];
const LOOKED_AT = 50;
const Commit = z.object({ id: z.string() });

/** Pipelines that deploy to one environment, and the deployments that they make. */
export class PipelineOrders {
  readonly #client: GitlabClient;
  readonly #environment: string;
  readonly #variable: string;
  readonly #tags: TagForm;

  /** `order`: the variable that names it; `tags`: how those of the service are named. */
  constructor(
    client: GitlabClient,
    { environment, order }: { readonly environment: string; readonly order: string },
    tags: TagForm,
  ) {
    this.#client = client;
    this.#environment = environment;
    this.#variable = order;
    this.#tags = tags;
  }

  /** The pipeline of an order, by its variable; never simply the newest. `commit`: what it runs on, where that is known. */
  async pipelineOf(order: string, commit: Sha | null): Promise<GitlabPipeline | null> {
    const started =
      commit === null ? await this.#newest() : await pipelinesOf(this.#client, commit, { source: 'api' });
    for (const pipeline of started) {
      if ((await this.#orderOf(pipeline.id)) === order) return pipeline;
    }
    return null;
  }

  start(ref: string, order: string, variables: Readonly<Record<string, string>>): Promise<GitlabPipeline> {
    const given = { ...variables, [this.#variable]: order };
    return this.#client.get({
      method: 'POST',
      path: '/pipeline',
      body: { ref, variables: Object.entries(given).map(([key, value]) => ({ key, value })) },
      reply: GitlabPipeline,
      doing: `start a pipeline on ${ref}`,
      needs: 'the scope api, and a role that may run pipelines on this ref',
    });
  }

  job(id: number): Promise<GitlabJob> {
    const doing = `read the job ${id}`;
    return this.#client.get({ path: `/jobs/${id}`, reply: GitlabJob, doing });
  }

  /** Runs a job that has ended once more; the new one. */
  again(job: number): Promise<GitlabJob> {
    const doing = `run the job ${job} again`;
    return this.#client.get({ method: 'POST', path: `/jobs/${job}/retry`, reply: GitlabJob, doing });
  }

  /** What has ended already is fine. */
  async cancel(kind: 'pipelines' | 'jobs', id: number): Promise<void> {
    const asked = this.#client.get({
      method: 'POST',
      path: `/${kind}/${id}/cancel`,
      reply: z.unknown(),
      doing: `cancel ${kind === 'jobs' ? 'the job' : 'the pipeline'} ${id}`,
    });
    await this.#client.unless(['platform-refused', 'platform-forbidden'], asked);
  }

  /** The same, and waits a moment until it has stopped. */
  async stop(kind: 'pipelines' | 'jobs', id: number): Promise<void> {
    await this.cancel(kind, id);
    const look = () => (kind === 'jobs' ? this.job(id) : pipelineOf(this.#client, id));
    await untilStopped(async () => ENDED.includes((await look()).status));
  }

  /** Newest first, of the last fifty. */
  async deployments(status?: string, signal?: AbortSignal): Promise<readonly GitlabDeployment[]> {
    const more = { most: LOOKED_AT, signal, ...(status === undefined ? {} : { status }) };
    for await (const page of deploymentsTo(this.#client, this.#environment, more)) return page;
    return [];
  }

  /** The deployment that a pipeline, or one that it has started, made. */
  async madeBy(pipeline: number): Promise<GitlabDeployment | null> {
    const bridges = await jobsOf(this.#client, pipeline, 'bridges');
    const all = new Set([pipeline, ...bridges.flatMap(({ downstream_pipeline: child }) => child?.id ?? [])]);
    const made = (await this.deployments()).filter(({ deployable }) =>
      all.has(deployable?.pipeline?.id ?? 0),
    );
    return made.find(({ status }) => status === 'success') ?? made[0] ?? null;
  }

  /** The commit of the release that a deployment is one of: a pipeline on a branch runs at its tip. */
  async commitOf({ sha, deployable }: GitlabDeployment): Promise<Sha> {
    const pipeline = deployable?.pipeline;
    const order = pipeline ? await this.#orderOf(pipeline.id) : null;
    const digits = order === null ? null : deployedBy(order);
    if (digits === null || sha.startsWith(digits)) return sha;
    const found = await this.#client.find({
      path: path`/repository/commits/${digits}`,
      reply: Commit,
      doing: 'read a commit',
    });
    return found?.id ?? digits;
  }

  /**
   * The newest deployment of a release whose job can be run again, and whether that is under way already; null also where
   * several jobs of its pipeline deployed: one alone would take back a part.
   */
  async earlier(
    { commit }: Release,
    liveId: number | null,
  ): Promise<{ readonly job: number; readonly isBegun: boolean } | null> {
    const all = await this.deployments();
    const newest = all.find(({ sha, deployable }) => deployable && sha === commit);
    if (!newest?.deployable) return null;
    const { id, status, deployable } = newest;
    const { id: job, name, pipeline } = deployable;
    const isBeside = ({ status: state, deployable: other }: GitlabDeployment) =>
      other?.pipeline?.id === pipeline?.id && other?.name !== name && !NOT_BEGUN.includes(state);
    if (all.some(isBeside)) return null;
    const isNewer = liveId !== null && id > liveId;
    // One that went well is live no longer: another one ended after it.
    const isBegun = isNewer && !ENDED.includes(status);
    return { job, isBegun };
  }

  /**
   * Deployments by jobs since the last one that went well which may have changed production: they failed, were cancelled, or
   * are open. Those that are open and bring the release itself are none.
   */
  async unsettled({ commit }: Release, liveId: number | null): Promise<readonly GitlabDeployment[]> {
    const unsettled: GitlabDeployment[] = [];
    for (const deployment of await this.deployments()) {
      const { id, status, deployable } = deployment;
      if (!deployable || status === 'success' || status === 'skipped') continue;
      // One that was made before what is live and still runs ends after it.
      if (liveId !== null && id <= liveId && status !== 'running') continue;
      const isOver = status === 'failed' || status === 'canceled';
      if (isOver || (await this.commitOf(deployment)) !== commit) unsettled.push(deployment);
    }
    return unsettled;
  }

  /**
   * Pipelines of ours for the service that go on, and are to bring another release: GitLab lists a deployment only when its
   * job begins.
   */
  async open(release: Release): Promise<readonly number[]> {
    const open: number[] = [];
    for (const { id, status } of await this.#newest()) {
      const order = ENDED.includes(status) ? null : await this.#orderOf(id);
      if (order === null || !isOrderOf(this.#tags, order)) continue;
      if (!release.commit.startsWith(deployedBy(order) ?? '-')) open.push(id);
    }
    return open;
  }

  /** Stops them, and those of ours that are to make these deployments. Going back does not wait for what cannot be stopped. */
  async stopAll(pipelines: readonly number[], deployments: readonly GitlabDeployment[]): Promise<void> {
    const open = deployments.filter(({ status }) => status !== 'failed' && status !== 'canceled');
    const ours = new Set(pipelines);
    for (const id of new Set(open.flatMap(({ deployable }) => deployable?.pipeline?.id ?? []))) {
      const order = ours.has(id) ? null : await this.#orderOf(id);
      if (order !== null && deployedBy(order) !== null) ours.add(id);
    }
    for (const id of ours) await this.stop('pipelines', id).catch(whenRefusedOrAway(undefined));
  }

  async #newest(): Promise<readonly GitlabPipeline[]> {
    return this.#client.get({
      path: '/pipelines',
      query: { source: 'api', order_by: 'id', sort: 'desc', per_page: String(LOOKED_AT) },
      reply: z.array(GitlabPipeline),
      doing: 'list pipelines',
    });
  }

  async #orderOf(pipeline: number): Promise<string | null> {
    const variables = (await variablesOf(this.#client, pipeline)) ?? [];
    return variables.find(({ key }) => key === this.#variable)?.value ?? null;
  }
}
