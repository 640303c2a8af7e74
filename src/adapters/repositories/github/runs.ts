import { z } from 'zod';
import { Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { Lru } from '../lru.ts';
import type { GithubClient } from './api/client.ts';
import type { Params } from './api/reply.ts';
import { isLater } from './checks/workflow-runs.ts';

const WorkflowRun = z.object({
  id: z.number(),
  display_title: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
  head_sha: z.string(),
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  /** Of its last attempt. */
  run_started_at: z.string().optional(),
  run_attempt: z.number().optional(),
});
export type WorkflowRun = z.infer<typeof WorkflowRun>;
const RunList = z.object({ workflow_runs: z.array(WorkflowRun) });

/** A run as it was in one of its attempts. */
export interface RunAttempt extends WorkflowRun {
  readonly isLast: boolean;
}

const Step = z.object({ name: z.string(), status: z.string(), conclusion: z.string().nullable() });
const Job = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  html_url: z.string().nullable().optional(),
  steps: z.array(Step).optional(),
});
export type Job = z.infer<typeof Job>;
const JobList = z.object({ jobs: z.array(Job) });

const Reviewer = z.object({ login: z.string().optional(), name: z.string().nullish() });
const PendingList = z.array(
  z.object({
    environment: z.object({ name: z.string().optional() }),
    wait_timer: z.number().optional(),
    wait_timer_started_at: z.string().nullish(),
    reviewers: z.array(z.object({ type: z.string().optional(), reviewer: Reviewer.optional() })).optional(),
  }),
);
const Annotations = z.array(z.object({ message: z.string().nullish() }));

/** What a run waits for before it may deploy to an environment. */
export interface PendingEnvironment {
  readonly environment: string;
  /** Of its wait timer; 0 when it has none. */
  readonly minutes: number;
  /** People, and teams by name. */
  readonly reviewers: readonly string[];
}

const Dispatched = z
  .union([z.object({ workflow_run_id: z.number(), html_url: z.string().optional() }), z.unknown()])
  .transform((answer) => {
    const found = z
      .object({ workflow_run_id: z.number(), html_url: z.string().optional() })
      .safeParse(answer);
    return found.success ? found.data : null;
  });

const PER_PAGE = 100;
/** For so long from its beginning every step of a run is told, in ms; later there is a look at them this often. */
const PRECISE_MS = 5_000;
const RECENT_MS = 10_000;
const KEPT_RUNS = 20;
const LOG_TIMEOUT_MS = 20_000;

/** Runs of one workflow file of the repository. */
export class GithubRuns {
  readonly #client: GithubClient;
  readonly #workflow: string;
  readonly #recent = new Lru<{ readonly at: number; readonly jobs: readonly Job[] }, number>(KEPT_RUNS);
  /** Whether the server may be asked which run it started. */
  #saysRun = true;

  constructor(client: GithubClient, workflow: string) {
    this.#client = client;
    this.#workflow = workflow;
  }

  /** Newest first, at most 100; with a status or conclusion only those. */
  async list(status?: string, signal?: AbortSignal): Promise<readonly WorkflowRun[]> {
    const { workflow_runs: runs } = await this.#client.get(
      'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
      {
        workflow_id: this.#workflow,
        event: 'workflow_dispatch',
        per_page: PER_PAGE,
        ...(status === undefined ? {} : { status }),
      },
      RunList,
      { signal },
    );
    return runs;
  }

  /**
   * As they began, the last first, each attempt by itself: of a run that was started again the attempts before follow until one
   * went well. By the same list as the others, which costs nothing while no run changes; where that is full, those that
   * went well are asked for alone after it.
   */
  async *begun(signal?: AbortSignal): AsyncIterable<RunAttempt> {
    const newest = await this.list(undefined, signal);
    const left = lastFirst(newest);
    for (let run = left.shift(); run !== undefined; run = left.shift()) {
      yield run;
      const before = run.conclusion === 'success' ? null : await this.#attemptBefore(run, signal);
      if (before !== null) left.splice(0, left.length, ...lastFirst([...left, before]));
    }
    if (newest.length === PER_PAGE) yield* lastFirst(await this.list('success', signal));
  }

  async #attemptBefore(
    { id, run_attempt: attempt = 1 }: WorkflowRun,
    signal?: AbortSignal,
  ): Promise<RunAttempt | null> {
    if (attempt === 1) return null;
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}';
    const params = { run_id: id, attempt_number: attempt - 1 };
    const reply = await this.#client.ask(route, params, WorkflowRun, { expect: [404], signal });
    return reply.kind === 'ok' ? { ...reply.data, isLast: false } : null;
  }

  /** The run whose name shows the text; never simply the newest. With `commit` only one of that commit. */
  async withName(text: string, commit?: Sha): Promise<WorkflowRun | null> {
    const isIt = (run: WorkflowRun) => commit === undefined || run.head_sha === commit;
    return (await this.list()).find((run) => run.display_title.includes(text) && isIt(run)) ?? null;
  }

  get(id: number): Promise<WorkflowRun> {
    return this.#client.get('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: id }, WorkflowRun);
  }

  jobs(id: number): Promise<readonly Job[]> {
    return this.#jobsAt('GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs', { run_id: id });
  }

  /** Those of the attempt that was read. */
  jobsOf({ id, isLast, run_attempt: attempt }: RunAttempt): Promise<readonly Job[]> {
    if (isLast) return this.jobs(id);
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs';
    return this.#jobsAt(route, { run_id: id, attempt_number: attempt });
  }

  async #jobsAt(route: string, params: Params): Promise<readonly Job[]> {
    const all: Job[] = [];
    for await (const { jobs } of this.#client.pages(route, { ...params, per_page: 100 }, JobList))
      all.push(...jobs);
    return all;
  }

  /**
   * The same for whoever only tells how far a run is: an answer of the last few seconds will do, once the run is no
   * longer at its beginning.
   */
  async recentJobs(id: number, elapsedMs: number): Promise<readonly Job[]> {
    const now = this.#client.now();
    const known = this.#recent.get(id);
    if (known && elapsedMs > PRECISE_MS && now - known.at < RECENT_MS) return known.jobs;
    const jobs = await this.jobs(id);
    this.#recent.set(id, { at: now, jobs });
    return jobs;
  }

  /** What a run waits for; empty when GitHub does not tell. */
  async pending(id: number): Promise<readonly PendingEnvironment[]> {
    const route = 'GET /repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments';
    const reply = await this.#client.ask(route, { run_id: id }, PendingList, { expect: [403, 404] });
    const found = reply.kind === 'ok' ? reply.data : [];
    return found.map(
      ({ environment, wait_timer: timer = 0, wait_timer_started_at: since, reviewers = [] }) => ({
        environment: environment.name ?? 'the environment',
        minutes: since ? timer : 0,
        reviewers: reviewers.flatMap(({ reviewer }) => reviewer?.login ?? reviewer?.name ?? []),
      }),
    );
  }

  /** What GitHub itself says of a job that did not get to a step, such as rules of an environment; null when nothing. */
  async note(job: number): Promise<string | null> {
    // A job is a check run of the same id.
    const route = 'GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations';
    const reply = await this.#client.ask(route, { check_run_id: job, per_page: 10 }, Annotations, {
      expect: [403, 404],
    });
    const said = reply.kind === 'ok' ? reply.data.map(({ message }) => message?.trim() ?? '') : [];
    return said.find((message) => message !== '')?.slice(0, 500) ?? null;
  }

  /** Last lines of a job's log, without times, colours and folds; empty when GitHub has none (yet). */
  async logTail(job: number, lines: number): Promise<readonly string[]> {
    try {
      const route = 'GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs';
      const bytes = await this.#client.download(route, { job_id: job }, LOG_TIMEOUT_MS);
      return this.#client
        .scrub(bytes.toString('utf8'))
        .split(/\r?\n/)
        .map(plainLine)
        .filter((line) => line !== '')
        .slice(-lines);
    } catch (error) {
      this.#client.log.info({ err: error }, 'the log of a job could not be read');
      return [];
    }
  }

  /** The id of the run where the server tells it, else null; what GitHub does not accept, as its sentence. */
  async dispatch(
    ref: string,
    inputs: Readonly<Record<string, string>>,
  ): Promise<{ readonly id: number | null; readonly url?: string } | { readonly refused: string }> {
    const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches';
    const asked = { workflow_id: this.#workflow, ref, inputs };
    const expect = [400, 404, 422];
    const told = this.#saysRun ? { return_run_details: true } : {};
    let reply = await this.#client.send(route, { ...asked, ...told }, Dispatched, { expect });
    if (reply.kind !== 'ok' && this.#saysRun && /return_run_details/.test(reply.message)) {
      // Enterprise Server up to 3.19 refuses a member that it does not know, and starts nothing.
      this.#saysRun = false;
      reply = await this.#client.send(route, asked, Dispatched, { expect });
    }
    if (reply.kind !== 'ok') {
      return { refused: reply.status === 404 ? `there is no workflow ${this.#workflow}` : reply.message };
    }
    const { workflow_run_id: id, html_url: url } = reply.data ?? {};
    return id === undefined ? { id: null } : { id, ...(url === undefined ? {} : { url }) };
  }

  /** A run that is over already is fine. */
  async cancel(id: number): Promise<void> {
    const reply = await this.#client.send(
      'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel',
      { run_id: id },
      z.unknown(),
      { expect: [409] },
    );
    if (reply.kind === 'ok' || /completed/i.test(reply.message)) return;
    throw new Unavailable('GitHub', `does not cancel the run yet (${reply.message})`);
  }
}

function lastFirst(runs: readonly (WorkflowRun | RunAttempt)[]): RunAttempt[] {
  return runs.map((run) => ({ isLast: true, ...run })).sort((a, b) => (isLater(a, b) ? -1 : 1));
}

function plainLine(line: string): string {
  return (
    line
      .replace(/^\uFEFF?\d{4}-\d\d-\d\dT[\d:.]+Z /, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals begin with one
      .replaceAll(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      .replace(/^##\[(group|endgroup|command|section)\].*$/, '')
      .replace(/^##\[(\w+)\]/, '$1: ')
      .trimEnd()
      .slice(0, 500)
  );
}
