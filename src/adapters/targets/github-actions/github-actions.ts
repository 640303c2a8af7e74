import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import { ACTIONS } from '../../repositories/github/api/permissions.ts';
import { type GithubClientSet, githubClientSet } from '../../repositories/github/client-set.ts';
import { correlationOf, deployedBy } from '../../repositories/github/correlation.ts';
import { GithubRuns, type Job, type WorkflowRun } from '../../repositories/github/runs.ts';
import type { GithubSettings } from '../../repositories/github/settings.ts';
import {
  readWorkflowFile,
  startsByItself,
  type WorkflowFile,
} from '../../repositories/github/workflow-file.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { askOnce, resolveHeaders } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import { parseLive } from '../command/live.ts';
import type { TargetContext } from '../context.ts';
import { liveBefore, mustNotHaveMoved } from '../platforms/platform-order.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { misfitOf, otherDeployer } from './fit.ts';
import { GithubActionsSettings } from './settings.ts';

/** Tags that a release of any service may have; a workflow that one of them starts would deploy twice. */
const LIKELY_TAGS = (service: string) => ['v1.2.3', '1.2.3', `${service}-v1.2.3`, `${service}/v1.2.3`];
/** After a dispatch whose answer was lost the run is looked for this many times, this far apart (ms). */
const LOOKS = 4;
const LOOK_PAUSE_MS = 1_500;
/** A run that was accepted and never appears has failed after this, in ms. */
const APPEARS_WITHIN_MS = 180_000;
const LOG_LINES = 20;
const LIVE_TIMEOUT_MS = 10_000;

export const githubActionsTarget = defineKind({ settings: GithubActionsSettings, open: openAtHome });

/** The workflow lives in the repository that the settings name, else in that of the service. */
function openAtHome(settings: GithubActionsSettings, context: TargetContext): Target {
  const { repository } = context;
  const home = settings.repository ?? (repository.use === 'github' ? repository : null);
  if (home) return openGithubActions(settings, context, home, repository.branch);
  throw new Refusal('target-misconfigured', {
    target: `workflow ${settings.workflow}`,
    reason: 'the repository of the service is not on GitHub; name one as target.repository',
  });
}

/** `repository` is where the workflow lives; `branch` the one that releases are cut on. */
export function openGithubActions(
  settings: GithubActionsSettings,
  context: AdapterContext,
  repository: GithubSettings,
  branch: string,
): Target {
  return new GithubActionsTarget(settings, context, githubClientSet(repository, context), branch);
}

/**
 * Starts a workflow and follows its run. A run is known by the id that GitHub returns, else by a text of ours in
 * its name; never by being the newest.
 */
class GithubActionsTarget implements Target {
  readonly kind = 'github-actions';
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #settings: GithubActionsSettings;
  readonly #context: AdapterContext;
  readonly #repository: GithubClientSet;
  readonly #runs: GithubRuns;
  readonly #branch: string;

  constructor(
    settings: GithubActionsSettings,
    context: AdapterContext,
    repository: GithubClientSet,
    branch: string,
  ) {
    this.name = `workflow ${settings.workflow}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.notUndone = settings['not-undone'];
    this.#settings = settings;
    this.#context = context;
    this.#repository = repository;
    this.#runs = new GithubRuns(repository.client, settings.workflow);
    this.#branch = branch;
  }

  rollbackCommands(to: Release): readonly string[] {
    const fields = Object.entries(this.#inputs(to)).map(
      ([name, value]) => `-f ${quoted(`${name}=${value}`)}`,
    );
    const ref = quoted(this.#ref(to));
    const { client } = this.#repository;
    return [`gh workflow run ${this.#settings.workflow} -R ${client.name} --ref ${ref} ${fields.join(' ')}`];
  }

  /** By the workflow file: it can be started, takes what it is given, starts at nothing else. And we may start it. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const found = await this.#workflowFile(this.#branchOfWorkflow(), signal);
    this.#mustFit(found.file);
    await this.#mustBeAlone(found);
    await this.#repository.permissions.must([ACTIONS(this.#settings.workflow)], signal);
    return `${this.#settings.workflow} can be started with ${Object.keys(this.#settings.inputs).join(', ') || 'no inputs'}.`;
  }

  /** What production says, else what the last run that went well deployed. */
  async live(signal?: AbortSignal): Promise<Live | null> {
    if (this.#settings.live) return this.#askProduction(signal);
    for (const run of await this.#runs.list('success', signal)) {
      const digits = deployedBy(run.display_title);
      const id = String(run.id);
      if (digits !== null) return { commit: await this.#wholeSha(digits), deploymentId: id };
      if (this.#settings['by-hand'] === 'counts') return { commit: run.head_sha, deploymentId: id };
    }
    return null;
  }

  async deployable(release: Release, _signal?: AbortSignal): Promise<string> {
    const { tag, commit } = release;
    const named = tag === '' ? null : await this.#repository.refs.tag(tag);
    if (named === null) {
      const reason = tag === '' ? `no tag names ${short(commit)}` : 'its tag is not in the repository';
      throw new Refusal('release-not-deployable', { tag, reason });
    }
    if (named.commit !== commit) {
      throw new Refusal('release-not-deployable', {
        tag,
        reason: `the tag names ${short(named.commit)} now`,
      });
    }
    if (this.#settings.ref === '{tag}') this.#mustFit((await this.#workflowFile(commit)).file);
    return `${this.#settings.workflow} can be started for ${tag}.`;
  }

  /** Looks for its own run first: a run that began before a crash is found by its name and followed. */
  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const { release } = order;
    const id = correlationOf(release, key);
    const startedAt = this.#repository.client.now();
    const known = await this.#runs.withName(id);
    if (known) return handleOf(id, startedAt, known.id, known.html_url);

    // GitHub's own list of runs does not break with production.
    const live = await (this.#settings.live ? liveBefore(order, () => this.live()) : this.live());
    if (live !== 'unsaid') {
      if (live?.commit === release.commit) {
        return { id, startedAt, state: { run: null, url: null, isLive: true } };
      }
      mustNotHaveMoved(`production of ${order.service}`, order, live);
    }
    return this.#dispatch(release, id, startedAt);
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { now } = this.#repository.client;
    if (handle.state['isLive'] === true) {
      return this.#succeeded(`${order.release.tag} was live already`, handle.startedAt, now());
    }
    const known = handle.state['run'];
    const run =
      typeof known === 'number' ? await this.#runs.get(known) : await this.#runs.withName(handle.id);
    const elapsed = now() - handle.startedAt;
    if (run === null) {
      if (elapsed < APPEARS_WITHIN_MS) {
        return { kind: 'running', detail: 'waiting for the run to appear on GitHub', askAgainMs: 3_000 };
      }
      return {
        kind: 'failed',
        reason: `GitHub accepted the request, but no run named ${handle.id} appeared.`,
      };
    }
    if (run.status === 'completed') return this.#ended(run, handle);
    if (elapsed > this.#settings.timeout) {
      return {
        kind: 'failed',
        reason: `The run has not ended after ${Math.round(elapsed / 60_000)} minutes. It may still deploy: look at it before a retry.`,
        logUrl: run.html_url,
      };
    }
    const jobs = await this.#runs.jobs(run.id);
    return {
      kind: 'running',
      detail: progressOf(run, jobs),
      logUrl: run.html_url,
      askAgainMs: pauseAfter(elapsed),
    };
  }

  async cancel(handle: DeployHandle): Promise<void> {
    const known = handle.state['run'];
    const id = typeof known === 'number' ? known : (await this.#runs.withName(handle.id))?.id;
    if (id !== undefined) await this.#runs.cancel(id);
  }

  async #dispatch(release: Release, id: string, startedAt: number): Promise<DeployHandle> {
    const { correlation } = this.#settings;
    const inputs = { ...this.#inputs(release), [correlation]: id };
    try {
      const begun = await this.#runs.dispatch(this.#ref(release), inputs);
      if ('refused' in begun) {
        throw new Refusal('target-misconfigured', {
          target: this.name,
          reason: begun.refused.replace(/\.$/, ''),
        });
      }
      return handleOf(id, startedAt, begun.id, begun.url);
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      // Nobody knows whether it began: a second start may only follow when there is none.
      const found = error.retryAfterMs === undefined ? await this.#lookFor(id) : null;
      if (found) return handleOf(id, startedAt, found.id, found.html_url);
      throw error;
    }
  }

  async #lookFor(id: string): Promise<WorkflowRun | null> {
    for (let look = 1; look <= LOOKS; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS * (look === 1 ? 0.2 : 1)));
      const found = await this.#runs.withName(id);
      if (found) return found;
    }
    return null;
  }

  async #ended(run: WorkflowRun, handle: DeployHandle): Promise<DeployStatus> {
    if (run.conclusion === 'success') {
      // GitHub cuts off the fractions of seconds.
      const finishedAt = Math.min(Date.parse(run.updated_at) + 999, this.#repository.client.now());
      return this.#succeeded(`run ${run.id}`, handle.startedAt, finishedAt, run.html_url);
    }
    const jobs = await this.#runs.jobs(run.id);
    const job = jobs.find(({ conclusion }) => isBad(conclusion));
    const step = job?.steps?.find(({ conclusion }) => isBad(conclusion));
    const log = job === undefined ? [] : await this.#runs.logTail(job.id, LOG_LINES);
    return {
      kind: 'failed',
      reason: reasonOf(run, job?.name, step?.name),
      logUrl: job?.html_url ?? run.html_url,
      ...(log.length > 0 ? { log } : {}),
    };
  }

  #succeeded(id: string, startedAt: number, finishedAt: number, logUrl?: string): DeployStatus {
    return {
      kind: 'succeeded',
      deployment: {
        id,
        ...(this.url === undefined ? {} : { url: this.url }),
        ...(logUrl === undefined ? {} : { logUrl }),
        startedAt,
        finishedAt: Math.max(startedAt, finishedAt),
      },
    };
  }

  async #askProduction(signal: AbortSignal | undefined): Promise<Live | null> {
    const { url, headers } = this.#settings.live ?? { url: '', headers: {} };
    const answer = await askOnce({
      url,
      headers: resolveHeaders(headers, this.#context),
      timeoutMs: LIVE_TIMEOUT_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.kind !== 'reply') throw new Unavailable('production', answer.words);
    if (answer.status !== 200) throw new Unavailable('production', `answered ${answer.status} to ${url}`);
    const { tags } = await this.#repository.refs.all(signal);
    const past = tags.map(({ name, commit }) => ({
      commit,
      version: name.replace(/^.*?(?=\d+\.\d+\.\d)/, ''),
    }));
    const said = parseLive(answer.body, past);
    if (said.kind === 'live') return said.live;
    throw new Refusal('target-live-not-understood', { target: this.name, said: answer.body.slice(0, 100) });
  }

  async #workflowFile(
    at: string,
    signal?: AbortSignal,
  ): Promise<{ readonly commit: Sha; readonly file: WorkflowFile }> {
    const { client, refs, files } = this.#repository;
    const path = `.github/workflows/${this.#settings.workflow}`;
    const commit = /^[0-9a-f]{40}$/.test(at) ? at : await refs.branch(at, signal);
    if (commit === null) {
      await client.mustSee(signal);
      throw new Refusal('branch-missing', { branch: at, remote: client.web });
    }
    const [blob] = await files.read(commit, [path]);
    const file = blob ? readWorkflowFile(Buffer.from(blob.bytes).toString('utf8')) : null;
    if (file) return { commit, file };
    throw this.#misconfigured(blob ? `${path} is not a workflow` : `there is no ${path} on ${at}`);
  }

  #mustFit(file: WorkflowFile): void {
    const reason = misfitOf(file, this.#settings);
    if (reason !== null) throw this.#misconfigured(reason);
  }

  /** Neither this workflow nor another deploys because the release is there. */
  async #mustBeAlone({ commit, file }: { readonly commit: Sha; readonly file: WorkflowFile }): Promise<void> {
    const { workflow, inputs, 'other-triggers': others } = this.#settings;
    if (others === 'allow') return;
    const release = { branch: this.#branch, tags: LIKELY_TAGS(this.#context.service) };
    const reason = startsByItself(file, release);
    if (reason !== null) throw new Refusal('target-starts-by-itself', { target: this.name, reason });
    const environment = inputs['environment'] ?? 'production';
    const other = await otherDeployer(this.#repository.files, commit, { workflow, environment, release });
    if (other !== null) throw new Refusal('target-deployed-by-another', { target: this.name, ...other });
  }

  async #wholeSha(digits: string): Promise<Sha> {
    return (await this.#repository.history.resolve(digits)) ?? digits;
  }

  #inputs(release: Release): Readonly<Record<string, string>> {
    const entries = Object.entries(this.#settings.inputs);
    return Object.fromEntries(entries.map(([name, value]) => [name, this.#filledIn(value, release)]));
  }

  #ref(release: Release): string {
    return this.#settings.ref === undefined ? this.#branch : this.#filledIn(this.#settings.ref, release);
  }

  #branchOfWorkflow(): string {
    const { ref } = this.#settings;
    return ref === undefined || ref === '{tag}' ? this.#branch : ref;
  }

  #filledIn(text: string, { version, tag, commit }: Release): string {
    const values: Readonly<Record<string, string>> = { version, tag, commit, service: this.#context.service };
    return text.replaceAll(/\{(version|tag|commit|service)\}/g, (_all, name: string) => values[name] ?? '');
  }

  #misconfigured(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.name, reason });
  }
}

function handleOf(id: string, startedAt: number, run: number | null, url: string | undefined): DeployHandle {
  return { id, startedAt, state: { run, url: url ?? null } };
}

function isBad(conclusion: string | null): boolean {
  return conclusion !== null && !['success', 'skipped', 'neutral'].includes(conclusion);
}

function reasonOf(run: WorkflowRun, job: string | undefined, step: string | undefined): string {
  if (run.conclusion === 'cancelled') return 'The run was cancelled on GitHub.';
  if (step !== undefined) return `Job “${job}” failed in step “${step}”.`;
  if (job !== undefined) return `Job “${job}” failed.`;
  return `The run ended with ${run.conclusion ?? 'no conclusion'}.`;
}

/** `deploy: Push to production (step 2 of 5)` of the job that runs now. */
function progressOf(run: WorkflowRun, jobs: readonly Job[]): string {
  if (run.status === 'waiting') return 'waiting for an approval on GitHub';
  const job = jobs.find(({ status }) => status === 'in_progress');
  if (!job) return run.status === 'in_progress' ? 'between two jobs' : 'waiting for a runner';
  const steps = job.steps ?? [];
  const at = steps.findIndex(({ status }) => status === 'in_progress');
  const of = jobs.length > 1 ? `, job ${jobs.indexOf(job) + 1} of ${jobs.length}` : '';
  return at < 0
    ? `${job.name}${of}`
    : `${job.name}: ${steps[at]?.name} (step ${at + 1} of ${steps.length}${of})`;
}

/** Often at first, then ever less: most deployments take a minute or two. */
function pauseAfter(elapsedMs: number): number {
  if (elapsedMs < 10_000) return 1_000;
  return elapsedMs < 120_000 ? 5_000 : 15_000;
}

function short(sha: Sha): string {
  return sha.slice(0, 8);
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
