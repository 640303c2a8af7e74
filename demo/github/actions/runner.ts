import type { ObjectStore } from '../store.ts';
import { filledIn, readWorkflow, type Workflow } from './workflow.ts';

interface Step {
  readonly name: string;
  readonly number: number;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  startedAt: number | null;
  finishedAt: number | null;
}

export interface Job {
  readonly id: number;
  readonly name: string;
  readonly steps: Step[];
  readonly log: string[];
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  /** What GitHub itself says of it. */
  annotations?: readonly string[];
}

export interface Run {
  readonly id: number;
  readonly number: number;
  /** `.github/workflows/deploy.yml` */
  readonly path: string;
  readonly name: string;
  readonly title: string;
  readonly ref: string;
  readonly sha: string;
  readonly event: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Of the last attempt, when it was run again. */
  startedAt?: number;
  /** In the order of the file; those that need others are missing until these are done. */
  readonly jobs: Job[];
  updatedAt: number;
  status: 'queued' | 'in_progress' | 'completed' | 'waiting';
  conclusion: string | null;
  cancelled: boolean;
  /** As it was before it was started again, the first attempt first. */
  before?: Run[];
  /** What it waits for, as `pending_deployments` has it. */
  pending?: readonly unknown[];
}

/**
 * Runs of workflows. Steps take their time and do nothing, but for one kind of command that is really done in the
 * repository: `git push [--force] origin SOURCE:refs/heads/BRANCH`.
 */
export class ActionsRunner {
  readonly runs: Run[] = [];
  /** How long each step takes, in ms. */
  stepMs = 30;
  /** Servers that do not tell which run was started; `strict`: they refuse to be asked, as Enterprise Server 3.17 to 3.19. */
  old: boolean | 'strict' = false;
  /** How long a run is not listed yet after it was asked for, in ms: GitHub takes a moment too. */
  listedAfterMs = 0;
  readonly #failing: { readonly step: RegExp; readonly log: readonly string[] }[] = [];
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #nextId: () => number;
  readonly #working = new Set<Promise<void>>();
  #closed = false;

  constructor(store: ObjectStore, now: () => number, nextId: () => number) {
    this.#store = store;
    this.#now = now;
    this.#nextId = nextId;
  }

  /** The next run fails in the first step whose name fits. */
  failNext(step: RegExp, log: readonly string[] = ['Error: the server said no']): void {
    this.#failing.push({ step, log });
  }

  async workflowAt(ref: string, path: string): Promise<Workflow | null> {
    const blob = await this.#store.blobAt(ref, path);
    return blob ? readWorkflow((await this.#store.blob(blob)).toString()) : null;
  }

  start(workflow: Workflow, about: Pick<Run, 'path' | 'ref' | 'sha' | 'inputs'>): Run {
    const run = this.#add(workflow, about, 'workflow_dispatch');
    const work = this.#work(run, workflow).finally(() => this.#working.delete(work));
    this.#working.add(work);
    return run;
  }

  /** A run of the past, that went well. */
  addPast(
    workflow: Workflow,
    about: Pick<Run, 'path' | 'ref' | 'sha' | 'inputs'>,
    event = 'workflow_dispatch',
  ): Run {
    const run = this.#add(workflow, about, event);
    run.jobs.push(...workflow.jobs.slice(run.jobs.length).map((job) => this.#job(job, run)));
    for (const job of run.jobs) {
      for (const step of job.steps) Object.assign(step, { status: 'completed', conclusion: 'success' });
      Object.assign(job, { status: 'completed', conclusion: 'success' });
    }
    return Object.assign(run, { status: 'completed', conclusion: 'success' });
  }

  /** What somebody does who presses *Re-run*: it is open again. */
  again(run: Run): Run {
    run.before = [...(run.before ?? []), { ...run, jobs: run.jobs.map((job) => ({ ...job })) }];
    const jobs = run.jobs.map(
      (job): Job => ({ ...job, id: this.#nextId(), status: 'queued', conclusion: null }),
    );
    run.jobs.splice(0, run.jobs.length, ...jobs);
    return Object.assign(run, { status: 'in_progress', conclusion: null, startedAt: this.#now() });
  }

  cancel(run: Run): void {
    run.cancelled = true;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#working);
  }

  #add(
    workflow: Workflow,
    { path, ref, sha, inputs }: Pick<Run, 'path' | 'ref' | 'sha' | 'inputs'>,
    event: string,
  ): Run {
    const now = this.#now();
    const run: Run = {
      id: this.#nextId(),
      number: this.runs.length + 1,
      path,
      name: workflow.name,
      title: filledIn(workflow.runName, contextOf(ref, inputs)).trim() || workflow.name,
      ref,
      sha,
      event,
      inputs,
      createdAt: now,
      updatedAt: now,
      status: 'queued',
      conclusion: null,
      cancelled: false,
      jobs: [],
    };
    const until = workflow.jobs.findIndex(({ needsOthers }) => needsOthers);
    const first = until < 0 ? workflow.jobs : workflow.jobs.slice(0, until);
    run.jobs.push(...first.map((job) => this.#job(job, run)));
    this.runs.push(run);
    return run;
  }

  #job({ name, steps }: Workflow['jobs'][number], { ref, inputs }: Pick<Run, 'ref' | 'inputs'>): Job {
    return {
      id: this.#nextId(),
      name,
      status: 'queued',
      conclusion: null,
      log: [],
      steps: steps.map((step, index) => ({
        name: filledIn(step.name, contextOf(ref, inputs)),
        number: index + 1,
        status: 'queued',
        conclusion: null,
        startedAt: null,
        finishedAt: null,
      })),
    };
  }

  async #work(run: Run, workflow: Workflow): Promise<void> {
    const failing = this.#failing.shift();
    await this.#pause();
    run.status = 'in_progress';
    let conclusion = 'success';
    for (const [index, described] of workflow.jobs.entries()) {
      const job = run.jobs[index] ?? this.#job(described, run);
      if (run.jobs[index] !== job) run.jobs.push(job);
      job.status = 'in_progress';
      for (const [place, step] of job.steps.entries()) {
        if (run.cancelled || this.#closed) conclusion = 'cancelled';
        if (conclusion !== 'success') {
          Object.assign(step, { status: 'completed', conclusion: 'skipped' });
          continue;
        }
        Object.assign(step, { status: 'in_progress', startedAt: this.#now() });
        job.log.push(`##[group]${step.name}`);
        await this.#pause();
        const bad = failing?.step.test(step.name) === true;
        const command = filledIn(described.steps[place]?.run ?? '', contextOf(run.ref, run.inputs));
        const output = bad ? failing.log : run.cancelled ? [] : await this.#execute(command);
        job.log.push(...output, '##[endgroup]');
        const failed = bad || output.some((line) => line.startsWith('error: '));
        if (failed) job.log.push('##[error]Process completed with exit code 1.');
        const how = failed ? 'failure' : run.cancelled ? 'cancelled' : 'success';
        Object.assign(step, { status: 'completed', conclusion: how, finishedAt: this.#now() });
        if (how !== 'success') conclusion = how;
      }
      Object.assign(job, { status: 'completed', conclusion });
    }
    Object.assign(run, { status: 'completed', conclusion, updatedAt: this.#now() });
  }

  /** Moves a branch as the command says. */
  async #execute(command: string): Promise<readonly string[]> {
    const lines: string[] = [];
    for (const line of command.split('\n').filter((one) => one.trim() !== '')) {
      lines.push(`[command]${line.trim()}`);
      const [, force, source = '', branch = ''] =
        /^git push (--force )?origin "?([^":\s]+):(refs\/heads\/[^"\s]+)"?$/.exec(line.trim()) ?? [];
      if (branch === '') continue;
      const sha = await this.#store.resolve(source);
      const before = await this.#store.resolve(branch);
      if (sha === null) lines.push(`error: src refspec ${source} does not match any`);
      else if (!force && before !== null && !(await this.#store.isAncestor(before, sha))) {
        lines.push('error: failed to push some refs (non-fast-forward)');
      } else {
        await this.#store.moveRef(branch, sha, before);
        lines.push(`   ${before?.slice(0, 7) ?? 'new'}..${sha.slice(0, 7)}  ${source} -> ${branch}`);
      }
    }
    return lines;
  }

  #pause(): Promise<void> {
    return this.#closed ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, this.stepMs));
  }
}

function contextOf(ref: string, inputs: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    'github.ref_name': ref,
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`inputs.${name}`, value])),
  };
}
