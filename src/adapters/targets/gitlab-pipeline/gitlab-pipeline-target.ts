import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release } from '../../../domain/release/release.ts';
import { likelyTag } from '../../../domain/release/tag-form.ts';
import { correlationOf } from '../../repositories/correlation.ts';
import type { GitlabClient } from '../../repositories/gitlab/client.ts';
import {
  type GitlabJob,
  type GitlabPipeline,
  jobsOf,
  pipelineOf,
} from '../../repositories/gitlab/pipelines.ts';
import { protectionOf } from '../../repositories/gitlab/rules.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { Dispatch, type ReleaseHome } from '../shared/dispatch.ts';
import { mustNotHaveMoved } from '../shared/order.ts';
import { failed, pauseAfter, succeeded } from '../shared/status.ts';
import { Waited } from '../shared/waited.ts';
import { quoted, short } from '../shared/words.ts';
import { mustNotDeployByPush, mustTakeVariables, newestTag } from './config-check.ts';
import { ENDED, PipelineOrders } from './orders.ts';
import {
  failedJob,
  jobFailure,
  pipelineFailure,
  pipelineProgress,
  traceTail,
  waitsForPeople,
} from './pipeline-status.ts';
import { PipelineTag } from './release-tag.ts';
import type { GitlabPipelineSettings } from './settings.ts';

/** After a start whose answer was lost the pipeline is looked for this many times, this far apart (ms). */
const LOOKS = 4;
const LOOK_PAUSE_MS = 1_500;
const SLOW_AFTER_MS = 120_000;
const LOG_LINES = 20;

/**
 * Starts a pipeline and follows it job by job. A pipeline is known by the variable that names its order; never by being
 * the newest.
 */
export class GitlabPipelineTarget implements Target {
  readonly kind = 'gitlab-pipeline';
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #settings: GitlabPipelineSettings;
  readonly #client: GitlabClient;
  readonly #home: ReleaseHome;
  readonly #dispatch: Dispatch;
  readonly #orders: PipelineOrders;
  /** Null where the pipeline runs in another project, and on a branch. */
  readonly #tag: PipelineTag | null;
  readonly #waited = new Waited();

  constructor(settings: GitlabPipelineSettings, service: string, client: GitlabClient, home: ReleaseHome) {
    this.name = `pipeline of ${client.name}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.notUndone = settings['not-undone'];
    this.#settings = settings;
    this.#client = client;
    this.#home = home;
    this.#dispatch = new Dispatch({ ref: settings.ref, inputs: settings.variables }, service, home.branch);
    this.#orders = new PipelineOrders(client, settings, home.tags);
    const isMirror = settings.repository !== undefined;
    this.#tag =
      isMirror && !this.#dispatch.isPinned ? null : new PipelineTag(client, isMirror ? settings.timeout : 0);
  }

  rollbackCommands(to: Release): readonly string[] {
    const variables = Object.entries(this.#dispatch.inputs(to)).map(
      ([name, value]) => `--variables-env ${quoted(`${name}:${value}`)}`,
    );
    return [`glab ci run -R ${this.#client.name} -b ${quoted(this.#ref(to))} ${variables.join(' ')}`];
  }

  /** The pipeline can be made, and nothing of the release itself deploys there too. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const { environment, variables, 'other-triggers': others } = this.#settings;
    const branch = this.#dispatch.branch;
    await protectionOf(this.#client, branch, signal);
    await mustTakeVariables(this.#client, this.name, signal);
    const names = Object.keys(variables).join(', ') || 'no variables';
    const known = `A pipeline that deploys to ${environment} can be started with ${names}.`;
    if (others === 'allow') return known;
    // A release pushes both.
    const tag = await newestTag(this.#client, this.#home.tags, signal);
    for (const ref of [this.#home.branch, ...(tag === null ? [] : [tag])]) {
      const about = { target: this.name, environment, order: this.#settings.order, ref };
      await mustNotDeployByPush(this.#client, { ...about, branch: this.#home.branch }, signal);
    }
    if (tag !== null) return known;
    const like = likelyTag(this.#home.tags);
    return `${known} Whether a push of its tag starts one as well, GitLab tells only once there is one like ${like}.`;
  }

  /** The last deployment to the environment that went well, whoever started it. */
  async live(signal?: AbortSignal): Promise<Live | null> {
    const [newest] = await this.#orders.deployments('success', signal);
    if (newest === undefined) return null;
    return { commit: await this.#orders.commitOf(newest), deploymentId: String(newest.id) };
  }

  async deployable(release: Release, _signal?: AbortSignal): Promise<string> {
    await this.#tag?.mustBeThere(release);
    return `A pipeline can be started for ${release.tag}.`;
  }

  /**
   * Looks for its own pipeline first: one that began before a crash is found by its variable and followed. What was live before a
   * deployment that failed, or is open, may be live no longer: a rollback is made then, after what is open was stopped.
   */
  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const { release, kind } = order;
    const id = correlationOf(release, key);
    const startedAt = this.#client.now();
    const known = await this.#find(id, release);
    if (known) return handleOf(id, startedAt, known);
    const live = await this.live();
    const liveId = live?.deploymentId === undefined ? null : Number(live.deploymentId);
    const isBack = kind === 'rollback';
    const open = isBack ? await this.#orders.open(release) : [];
    const unsettled = isBack ? await this.#orders.unsettled(release, liveId) : [];
    if (live?.commit === release.commit && unsettled.length + open.length === 0)
      return { id, startedAt, state: { isLive: true } };
    mustNotHaveMoved(`production of ${order.service}`, order, live);
    await this.#orders.stopAll(open, unsettled);
    const earlier = isBack ? await this.#back(release, liveId) : null;
    if (earlier !== null) return { id, startedAt, state: { job: earlier.id, url: earlier.web_url ?? null } };
    await this.#tag?.mustCome(release);
    return handleOf(id, startedAt, await this.#begin(release, id));
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { state, startedAt } = handle;
    if (state['isLive'] === true) {
      const { url } = this;
      return succeeded(`${order.release.tag} was live already`, startedAt, this.#client.now(), { url });
    }
    if (typeof state['job'] === 'number')
      return this.#followJob(handle, await this.#orders.job(state['job']));
    const pipeline = await pipelineOf(this.#client, Number(state['pipeline']));
    const logUrl = pipeline.web_url;
    if (this.#dispatch.isPinned && pipeline.sha !== order.release.commit) {
      if (!ENDED.includes(pipeline.status)) await this.#orders.cancel('pipelines', pipeline.id);
      return failed(otherCommit(order.release, pipeline), { logUrl });
    }
    const jobs = await this.#jobs(pipeline);
    if (pipeline.status === 'success') return this.#succeeded(handle, pipeline, jobs);
    if (ENDED.includes(pipeline.status))
      return this.#failed(pipelineFailure(pipeline, jobs), failedJob(jobs), logUrl);
    return this.#running(handle, pipeline, jobs);
  }

  async cancel({ state: { job, pipeline } }: DeployHandle): Promise<void> {
    if (typeof job === 'number') await this.#orders.stop('jobs', job);
    else if (typeof pipeline === 'number') await this.#orders.stop('pipelines', pipeline);
  }

  async #followJob(handle: DeployHandle, job: GitlabJob): Promise<DeployStatus> {
    const { url } = this;
    const logUrl = job.web_url;
    if (job.status === 'success') {
      return succeeded(`job ${job.id}`, handle.startedAt, this.#client.now(), { url, logUrl });
    }
    if (ENDED.includes(job.status)) return this.#failed(jobFailure(job), job, logUrl);
    return this.#running(handle, job, [job]);
  }

  async #succeeded(
    handle: DeployHandle,
    pipeline: GitlabPipeline,
    jobs: readonly GitlabJob[],
  ): Promise<DeployStatus> {
    const { environment } = this.#settings;
    const logUrl = pipeline.web_url;
    const made = await this.#orders.madeBy(pipeline.id);
    if (made?.status === 'success') {
      const url = this.url ?? made.environment?.external_url;
      const finishedAt = Math.min(pipeline.finished_at ?? Number.POSITIVE_INFINITY, this.#client.now());
      return succeeded(`pipeline ${pipeline.id}`, handle.startedAt, finishedAt, { url, logUrl });
    }
    // A job that may fail, or one of a pipeline that this one does not wait for.
    const job = made?.deployable && (await this.#orders.job(made.deployable.id));
    if (job && ['failed', 'canceled'].includes(job.status)) return this.#failed(jobFailure(job), job, logUrl);
    if (job && made?.status === 'running') return this.#running(handle, job, [job]);
    const manual = jobs.find(({ status }) => status === 'manual');
    const why = manual
      ? `its job “${manual.name}” was left for somebody to start`
      : `none of its jobs names the environment ${environment}`;
    return failed(`The pipeline went well, but deployed nothing: ${why}.`, { logUrl });
  }

  async #failed(
    reason: string,
    job: GitlabJob | undefined,
    logUrl: string | null | undefined,
  ): Promise<DeployStatus> {
    if (job === undefined) return failed(reason, { logUrl });
    const asked = this.#client.text({ path: `/jobs/${job.id}/trace`, doing: `read the log of ${job.name}` });
    const trace = await asked.catch(() => '');
    return failed(reason, { logUrl: job.web_url ?? logUrl, log: traceTail(trace, LOG_LINES) });
  }

  #running(
    handle: DeployHandle,
    of: Pick<GitlabPipeline, 'status' | 'web_url'>,
    jobs: readonly GitlabJob[],
  ): DeployStatus {
    const now = this.#client.now();
    const elapsed = now - handle.startedAt;
    const detail = pipelineProgress(of, jobs);
    const logUrl = of.web_url;
    if (now - this.#waited.since(handle, waitsForPeople(jobs), now) > this.#settings.timeout) {
      const minutes = Math.round(elapsed / 60_000);
      const reason = `It has not ended after ${minutes} minutes: ${detail}. It may still deploy: look at it before a retry.`;
      return failed(reason, { logUrl, goesOn: true });
    }
    const askAgainMs = pauseAfter(elapsed, [1_000, 5_000, 15_000], SLOW_AFTER_MS);
    return { kind: 'running', detail, askAgainMs, ...(logUrl ? { logUrl } : {}) };
  }

  /** In the order in which they were made. */
  async #jobs({ id }: GitlabPipeline): Promise<readonly GitlabJob[]> {
    return [...(await jobsOf(this.#client, id))].sort((a, b) => a.id - b.id);
  }

  /** The job of the deployment that the release had before, run again; null where there is none that can be. */
  async #back(release: Release, liveId: number | null): Promise<GitlabJob | null> {
    if (this.#settings.rollback === 'pipeline') return null;
    const earlier = await this.#orders.earlier(release, liveId);
    if (earlier === null) return null;
    if (earlier.isBegun) return this.#orders.job(earlier.job);
    // Jobs that are too old are kept for reading alone.
    return this.#client.unless(['platform-forbidden', 'platform-refused'], this.#orders.again(earlier.job));
  }

  async #begin(release: Release, id: string): Promise<GitlabPipeline> {
    try {
      return await this.#orders.start(this.#ref(release), id, this.#dispatch.inputs(release));
    } catch (error) {
      if (error instanceof Refusal && error.code === 'platform-refused') {
        const reason = String(error.facts['said'] ?? '').replace(/\.$/, '');
        throw new Refusal('target-misconfigured', { target: this.name, reason });
      }
      if (!(error instanceof Unavailable)) throw error;
      // Nobody knows whether it began: a second start may only follow when there is none.
      const found = error.retryAfterMs === undefined ? await this.#lookFor(id, release) : null;
      if (found) return found;
      throw error;
    }
  }

  async #lookFor(id: string, release: Release): Promise<GitlabPipeline | null> {
    for (let look = 1; look <= LOOKS; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS * (look === 1 ? 0.2 : 1)));
      const found = await this.#find(id, release);
      if (found) return found;
    }
    return null;
  }

  #find(id: string, { commit }: Release): Promise<GitlabPipeline | null> {
    return this.#orders.pipelineOf(id, this.#dispatch.isPinned ? commit : null);
  }

  #ref(release: Release): string {
    return this.#dispatch.ref(release).replace(/^refs\/(?:tags|heads)\//, '');
  }
}

function handleOf(
  id: string,
  startedAt: number,
  { id: pipeline, web_url: url }: GitlabPipeline,
): DeployHandle {
  return { id, startedAt, state: { pipeline, url: url ?? null } };
}

function otherCommit({ tag, commit }: Release, { sha }: GitlabPipeline): string {
  return `The pipeline is one of ${short(sha)}, not of ${short(commit)}: the tag ${tag} was moved while it was started, or a branch has its name. Look at it: it may have deployed.`;
}
