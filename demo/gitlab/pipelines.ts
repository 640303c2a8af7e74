import type { Reply } from '../platform/fake-platform.ts';
import type { GitlabWorld } from './world.ts';

/** What a job is told to be; those of `deploys` make a deployment to an environment. */
export interface JobPlan {
  readonly name: string;
  readonly stage?: string;
  readonly allow_failure?: boolean;
  /** Nobody starts it by itself. */
  readonly manual?: boolean;
  readonly deploys?: string;
  /** Starts another pipeline, which ends so. */
  readonly child?: 'success' | 'failed' | 'running';
  readonly log?: string;
}

export interface Job extends JobPlan {
  readonly id: number;
  status: string;
  failure_reason: string | null;
  /** There is a newer one of the same name. */
  retried: boolean;
  readonly childPipeline?: Pipeline;
}

export interface Pipeline {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly source: string;
  readonly variables: readonly { readonly key: string; readonly value: string }[];
  readonly jobs: Job[];
  readonly yaml_errors: string | null;
  /** Instead of what its jobs tell. */
  fixed: string | null;
  readonly own: boolean;
  /** Another one than that of this GitLab. */
  readonly project?: number;
}

interface ExternalStatus {
  readonly sha: string;
  readonly name: string;
  readonly status: string;
  readonly allow_failure?: boolean;
  readonly pipeline_id?: number | null;
  readonly ref?: string;
}

const DEPLOY: readonly JobPlan[] = [
  { name: 'build', stage: 'build' },
  { name: 'deploy-production', stage: 'deploy', deploys: 'production' },
];
/** In one of these states a pipeline or a job goes on no more. */
export const OVER = ['success', 'failed', 'canceled', 'skipped', 'manual'];

/** Pipelines, their jobs, and what others report of commits. A pipeline goes one step on whenever it is read. */
export class Pipelines {
  readonly all: Pipeline[] = [];
  readonly statuses: ExternalStatus[] = [];
  /** Jobs of a pipeline that is started by the API. */
  plan: readonly JobPlan[] = DEPLOY;
  /** The next job of that name fails. */
  failing: { readonly job: string; readonly reason: string; readonly log: string } | null = null;
  /** So many lists do not have a pipeline that was just started. */
  lateLists = 0;
  /** Jobs that a push starts, of some refs where those are named, and as the configuration of one ref has it. */
  pushPlan: readonly (JobPlan & { readonly onRef?: string | RegExp; readonly inConfigOf?: string })[] = [
    { name: 'test' },
  ];
  /** What is wrong with the configuration. */
  invalid: string | null = null;
  /** Jobs that have ended are kept for reading alone. */
  archived = false;
  /** Whether variables may be given. */
  takesVariables = true;
  /** Whether pipelines come to an end by themselves. */
  runs = true;
  onDeployed: (sha: string) => Promise<void> | void = () => {};
  /** Hears of jobs that deploy. */
  deployed: { began(pipeline: Pipeline, job: Job): void; ended(job: Job, status: string): void } | null =
    null;
  readonly #gitlab: GitlabWorld;
  #nextId = 100;

  constructor(gitlab: GitlabWorld) {
    this.#gitlab = gitlab;
  }

  /** A pipeline that something else has started. */
  add(
    sha: string,
    jobs: readonly (JobPlan & { readonly status: string })[],
    over: Partial<Pick<Pipeline, 'source' | 'ref' | 'variables' | 'yaml_errors' | 'fixed' | 'own'>> = {},
  ): Pipeline {
    const pipeline: Pipeline = {
      id: this.#nextId++,
      sha,
      ref: 'main',
      source: 'push',
      variables: [],
      yaml_errors: null,
      fixed: null,
      own: true,
      jobs: jobs.map((job) => this.#job(job, job.status)),
      ...over,
    };
    this.all.unshift(pipeline);
    return pipeline;
  }

  statusOf({ fixed, jobs }: Pipeline): string {
    if (fixed !== null) return fixed;
    const now = jobs.filter(({ retried }) => !retried);
    const bad = (status: string) => now.some((job) => job.status === status && job.allow_failure !== true);
    if (now.some(({ status }) => status === 'canceling')) return 'canceling';
    if (bad('failed')) return 'failed';
    if (bad('canceled')) return 'canceled';
    if (now.some(({ status }) => status === 'running')) return 'running';
    if (now.some((job) => job.status === 'manual' && job.allow_failure !== true)) return 'manual';
    if (now.every(({ status }) => status === 'created')) return 'created';
    return now.some(({ status }) => status === 'created' || status === 'pending') ? 'pending' : 'success';
  }

  #job(plan: JobPlan, status: string): Job {
    const child = plan.child === undefined ? {} : { childPipeline: this.#child(plan.child) };
    return { ...plan, ...child, id: this.#nextId++, status, failure_reason: null, retried: false };
  }

  #child(status: string): Pipeline {
    const jobs = [this.#job({ name: 'inner' }, status)];
    const child: Pipeline = {
      id: this.#nextId++,
      sha: '0'.repeat(40),
      ref: 'main',
      source: 'parent_pipeline',
      variables: [],
      yaml_errors: null,
      fixed: null,
      own: true,
      jobs,
    };
    this.all.push(child);
    return child;
  }

  start(ref: string, variables: Pipeline['variables'], source = 'api'): Reply {
    const sha = this.#gitlab.commitOf(`refs/tags/${ref}`) ?? this.#gitlab.remote.tip(ref);
    if (sha === null) return bad('Reference not found');
    if (variables.length > 0 && !this.takesVariables)
      return bad('Insufficient permissions to set pipeline variables');
    if (this.plan.length === 0)
      return bad(
        'The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.',
      );
    const jobs = this.plan.map((plan) => ({ ...plan, status: 'created' }));
    const pipeline = this.add(sha, jobs, { ref, source, variables });
    return { status: 201, body: this.shown(pipeline) };
  }

  shown(pipeline: Pipeline): Readonly<Record<string, unknown>> {
    const finished_at = OVER.includes(this.statusOf(pipeline)) ? new Date().toISOString() : null;
    return { ...this.brief(pipeline), yaml_errors: pipeline.yaml_errors, finished_at };
  }

  /** As lists and other things have it. */
  brief(pipeline: Pipeline): Readonly<Record<string, unknown>> {
    const { id, sha, ref, source, project: project_id = 1 } = pipeline;
    const web_url = `${this.#gitlab.web}/-/pipelines/${id}`;
    return { id, iid: id, project_id, sha, ref, source, status: this.statusOf(pipeline), web_url };
  }

  shownJob(job: Job): Readonly<Record<string, unknown>> {
    const { id, name, stage = 'test', status, allow_failure = false, failure_reason, childPipeline } = job;
    return {
      id,
      name,
      stage,
      status,
      allow_failure,
      ...(failure_reason === null ? {} : { failure_reason }),
      web_url: `${this.#gitlab.web}/-/jobs/${id}`,
      ...(childPipeline ? { downstream_pipeline: this.brief(childPipeline) } : {}),
    };
  }

  /** A pipeline of the API goes on by one job. */
  async step(pipeline: Pipeline): Promise<void> {
    if (!this.runs || pipeline.source !== 'api' || OVER.includes(this.statusOf(pipeline))) return;
    const now = pipeline.jobs.filter(({ retried }) => !retried);
    const stopping = now.filter(({ status }) => status === 'canceling');
    for (const job of stopping) this.#canceled(job);
    if (stopping.length > 0) return;
    const running = now.find(({ status }) => status === 'running');
    if (running) return this.#end(pipeline, running);
    const next = now.find(({ status }) => status === 'created' || status === 'pending');
    if (!next) return;
    next.status = next.manual ? 'manual' : 'running';
    if (next.status === 'running' && next.deploys !== undefined) this.deployed?.began(pipeline, next);
  }

  /** A runner that is at a job is told to stop, and does so by and by. */
  cancel(job: Job): void {
    if (job.status === 'running') job.status = 'canceling';
    else this.#canceled(job);
  }

  #canceled(job: Job): void {
    job.status = 'canceled';
    if (job.deploys !== undefined) this.deployed?.ended(job, 'canceled');
  }

  async #end(pipeline: Pipeline, job: Job): Promise<void> {
    const fails = this.failing?.job === job.name ? this.failing : null;
    job.status = fails ? 'failed' : 'success';
    if (fails) {
      job.failure_reason = fails.reason;
      Object.assign(job, { log: fails.log });
      this.failing = null;
      for (const other of pipeline.jobs) if (other.status === 'created') other.status = 'skipped';
    }
    if (job.deploys === undefined) return;
    this.deployed?.ended(job, job.status);
    if (job.status === 'success') await this.onDeployed(pipeline.sha);
  }

  retry(pipeline: Pipeline, job: Job): Job {
    const again = this.#job(job, 'pending');
    job.retried = true;
    pipeline.jobs.push(again);
    for (const other of pipeline.jobs) if (other.status === 'skipped') other.status = 'created';
    if (again.deploys !== undefined) this.deployed?.began(pipeline, again);
    return again;
  }
}

function bad(message: string): Reply {
  return { status: 400, body: { message: { base: [message] } } };
}
