import { Refusal, Unavailable, whenRefusedOrAway } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import { likelyTag, type TagForm } from '../../../domain/release/tag-form.ts';
import { correlationOf, isCorrelated, isOrderOfOthers } from '../../repositories/correlation.ts';
import { ACTIONS } from '../../repositories/github/api/needs.ts';
import type { GithubClientSet } from '../../repositories/github/client-set.ts';
import { GithubRuns, type WorkflowRun } from '../../repositories/github/runs.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { Dispatch, type ReleaseHome } from '../shared/dispatch.ts';
import { liveBefore, mustNotHaveMoved } from '../shared/order.ts';
import { failed, pauseAfter, succeeded } from '../shared/status.ts';
import { untilStopped } from '../shared/until-stopped.ts';
import { Waited } from '../shared/waited.ts';
import { quoted, short } from '../shared/words.ts';
import { liveByAddress, liveByRuns, unsettledRuns } from './live.ts';
import { badJob, progressOf, runFailure, skippedDeploy } from './run-status.ts';
import type { GithubActionsSettings } from './settings.ts';
import { WorkflowCheck } from './workflow-check.ts';

/** After a dispatch whose answer was lost the run is looked for this many times, this far apart (ms). */
const LOOKS = 4;
const LOOK_PAUSE_MS = 1_500;
/** A run that was accepted and never appears has failed after this, in ms. */
const APPEARS_WITHIN_MS = 180_000;
/** Most deployments take a minute or two. */
const SLOW_AFTER_MS = 120_000;
const LOG_LINES = 20;

/**
 * Starts a workflow and follows its run. A run is known by the id that GitHub returns, else by a text of ours in
 * its name; never by being the newest.
 */
export class GithubActionsTarget implements Target {
  readonly kind = 'github-actions';
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #settings: GithubActionsSettings;
  readonly #context: AdapterContext;
  readonly #repository: GithubClientSet;
  readonly #runs: GithubRuns;
  readonly #home: ReleaseHome;
  readonly #sharers: ReadonlyMap<string, TagForm>;
  readonly #dispatch: Dispatch;
  readonly #workflow: WorkflowCheck;
  readonly #waited = new Waited();

  /** `sharers`: the services that this workflow deploys, as far as they are open, with the form of their tags. */
  constructor(
    settings: GithubActionsSettings,
    context: AdapterContext,
    repository: GithubClientSet,
    home: ReleaseHome,
    sharers: ReadonlyMap<string, TagForm>,
  ) {
    this.name = `workflow ${settings.workflow}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.notUndone = settings['not-undone'];
    this.#settings = settings;
    this.#context = context;
    this.#repository = repository;
    this.#runs = new GithubRuns(repository.client, settings.workflow);
    this.#home = home;
    this.#sharers = sharers;
    this.#dispatch = new Dispatch(settings, context.service, home.branch);
    this.#workflow = new WorkflowCheck(settings, repository, this.name);
  }

  rollbackCommands(to: Release): readonly string[] {
    const fields = Object.entries(this.#dispatch.inputs(to)).map(
      ([name, value]) => `-f ${quoted(`${name}=${value}`)}`,
    );
    const ref = quoted(this.#dispatch.isPinned ? to.tag : this.#dispatch.branch);
    const { client } = this.#repository;
    return [`gh workflow run ${this.#settings.workflow} -R ${client.name} --ref ${ref} ${fields.join(' ')}`];
  }

  /** By the workflow file: it can be started, takes what it is given, starts at nothing else. And we may start it. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const { workflow, inputs } = this.#settings;
    const found = await this.#workflow.mustFit(this.#dispatch.branch, signal);
    const { branch, tags } = this.#home;
    await this.#workflow.mustBeAlone(found, { branch, tags: [likelyTag(tags)] });
    await this.#repository.permissions.must([ACTIONS(workflow)], signal);
    return `${workflow} can be started with ${Object.keys(inputs).join(', ') || 'no inputs'}.`;
  }

  /** What production says, else what the last run that went well deployed. */
  live(signal?: AbortSignal): Promise<Live | null> {
    const { live } = this.#settings;
    return live
      ? liveByAddress(live, this.#context, this.name, signal)
      : liveByRuns(this.#runs, this.#repository, this.#counts, signal);
  }

  async deployable(release: Release, _signal?: AbortSignal): Promise<string> {
    await this.#mustBeTagged(release);
    if (this.#dispatch.isPinned) await this.#workflow.mustFitAt(release);
    return `${this.#settings.workflow} can be started for ${release.tag}.`;
  }

  /**
   * Looks for its own run first: a run that began before a crash is found by its name and followed. What was live before a run
   * that failed, or is open, may be live no longer: a rollback is run then, after what is open was stopped.
   */
  async start(order: DeployOrder, key: string): Promise<DeployHandle> {
    const { release } = order;
    const id = correlationOf(release, key);
    const startedAt = this.#repository.client.now();
    const known = await this.#runs.withName(id, this.#commitOf(release));
    if (known) return this.#handle(release, id, startedAt, known);

    // GitHub's own list of runs does not break with production.
    const live = await (this.#settings.live ? liveBefore(order, () => this.live()) : this.live());
    const unsettled = order.kind === 'rollback' ? await unsettledRuns(this.#runs, release, this.#counts) : [];
    if (live !== 'unsaid') {
      if (live?.commit === release.commit && unsettled.length === 0) {
        return { id, startedAt, state: { run: null, url: null, isLive: true } };
      }
      mustNotHaveMoved(`production of ${order.service}`, order, live);
    }
    if (this.#dispatch.isPinned) {
      await this.#mustBeTagged(release, order.kind);
      await this.#workflow.mustFitAt(release);
    }
    for (const run of unsettled) if (isCorrelated(run.display_title)) await this.#stop(run);
    return this.#begin(order, id, startedAt);
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const now = this.#repository.client.now();
    const { url } = this;
    if (handle.state['isLive'] === true) {
      return succeeded(`${order.release.tag} was live already`, handle.startedAt, now, { url });
    }
    const run = await this.#runOf(handle);
    const elapsed = now - handle.startedAt;
    if (run === null) {
      return elapsed < APPEARS_WITHIN_MS
        ? { kind: 'running', detail: 'waiting for the run to appear on GitHub', askAgainMs: 3_000 }
        : failed(`GitHub accepted the request, but no run named ${handle.id} appeared.`, { goesOn: true });
    }
    const logUrl = run.html_url;
    const pinned = handle.state['commit'];
    if (typeof pinned === 'string' && run.head_sha !== pinned) {
      if (run.status !== 'completed') await this.#runs.cancel(run.id);
      return failed(otherWorkflow(order.release, run), { logUrl });
    }
    if (run.status === 'completed') return this.#ended(run, handle);
    // People have as long as GitHub gives them.
    if (now - this.#waited.since(handle, run.status === 'waiting', now) > this.#settings.timeout) {
      const minutes = Math.round(elapsed / 60_000);
      const reason = `The run has not ended after ${minutes} minutes. It may still deploy: look at it before a retry.`;
      return failed(reason, { logUrl, goesOn: true });
    }
    const pending = run.status === 'waiting' ? await this.#runs.pending(run.id) : [];
    // Until it runs, its jobs say nothing that it does not say itself.
    const jobs = run.status === 'in_progress' ? await this.#runs.recentJobs(run.id, elapsed) : [];
    const detail = progressOf(run, jobs, pending);
    const askAgainMs = pauseAfter(elapsed, [1_000, 5_000, 15_000], SLOW_AFTER_MS);
    return { kind: 'running', detail, logUrl, askAgainMs };
  }

  async cancel(handle: DeployHandle): Promise<void> {
    const known = handle.state['run'];
    const id = typeof known === 'number' ? known : (await this.#named(handle))?.id;
    if (id === undefined) return;
    await this.#runs.cancel(id);
    await this.#untilOver(id);
  }

  /** Whether a run is a deployment of the service: every one of ours is that is not for another one with this workflow. */
  readonly #counts = ({ display_title: title }: WorkflowRun): boolean => {
    if (!isCorrelated(title)) return this.#settings['by-hand'] === 'counts';
    const others = [...this.#sharers].flatMap(([name, form]) => (name === this.#context.service ? [] : form));
    return !isOrderOfOthers(this.#home.tags, others, title);
  };

  /** Waits a moment for its end. Going back does not wait for what cannot be stopped. */
  async #stop({ id, status }: WorkflowRun): Promise<void> {
    if (status === 'completed') return;
    await this.#runs.cancel(id).catch(whenRefusedOrAway(null));
    await this.#untilOver(id);
  }

  #untilOver(id: number): Promise<void> {
    return untilStopped(async () => (await this.#runs.get(id)).status === 'completed');
  }

  #runOf(handle: DeployHandle): Promise<WorkflowRun | null> {
    const known = handle.state['run'];
    return typeof known === 'number' ? this.#runs.get(known) : this.#named(handle);
  }

  #named({ id, state: { commit } }: DeployHandle): Promise<WorkflowRun | null> {
    return this.#runs.withName(id, typeof commit === 'string' ? commit : undefined);
  }

  /** The commit that a run for this release is one of, where that is known before. */
  #commitOf({ commit }: Release): Sha | undefined {
    return this.#dispatch.isPinned ? commit : undefined;
  }

  /**
   * The tag is there and names the commit of the release. Refusal `release-not-deployable`; that of a release which is to be
   * deployed was just made, and is waited for.
   */
  async #mustBeTagged({ tag, commit }: Release, kind?: DeployOrder['kind']): Promise<void> {
    const named = tag === '' ? null : await this.#repository.refs.tag(tag);
    if (named?.commit === commit) return;
    if (named === null && tag !== '' && kind === 'deploy') this.#mayShow(tag);
    const missing = tag === '' ? `no tag names ${short(commit)}` : 'its tag is not in the repository';
    const reason = named === null ? missing : `the tag names ${short(named.commit)} now`;
    throw new Refusal('release-not-deployable', { tag, reason });
  }

  #mayShow(tag: string): void {
    this.#repository.client.lag.mustBeOver(`the tag ${tag}`);
  }

  #handle(
    release: Release,
    id: string,
    startedAt: number,
    run: { readonly id: number | null; readonly html_url?: string | undefined },
  ): DeployHandle {
    const commit = this.#commitOf(release) ?? null;
    return { id, startedAt, state: { run: run.id, url: run.html_url ?? null, commit } };
  }

  async #begin({ release, kind }: DeployOrder, id: string, startedAt: number): Promise<DeployHandle> {
    const { correlation } = this.#settings;
    const inputs = { ...this.#dispatch.inputs(release), [correlation]: id };
    try {
      const begun = await this.#runs.dispatch(this.#dispatch.ref(release), inputs);
      if ('refused' in begun) {
        if (kind === 'deploy' && /no ref found/i.test(begun.refused)) this.#mayShow(release.tag);
        const reason = begun.refused.replace(/\.$/, '');
        throw new Refusal('target-misconfigured', { target: this.name, reason });
      }
      return this.#handle(release, id, startedAt, { id: begun.id, html_url: begun.url });
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      // Nobody knows whether it began: a second start may only follow when there is none.
      const found = error.retryAfterMs === undefined ? await this.#lookFor(id, release) : null;
      if (found) return this.#handle(release, id, startedAt, found);
      throw error;
    }
  }

  async #lookFor(id: string, release: Release): Promise<WorkflowRun | null> {
    for (let look = 1; look <= LOOKS; look++) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_PAUSE_MS * (look === 1 ? 0.2 : 1)));
      const found = await this.#runs.withName(id, this.#commitOf(release));
      if (found) return found;
    }
    return null;
  }

  async #ended(run: WorkflowRun, { startedAt }: DeployHandle): Promise<DeployStatus> {
    const jobs = await this.#runs.jobs(run.id);
    const skipped = run.conclusion === 'success' ? skippedDeploy(jobs) : null;
    if (skipped !== null) {
      const reason = `Job “${skipped}” was skipped, so the run deployed nothing.`;
      return failed(reason, { logUrl: run.html_url });
    }
    if (run.conclusion === 'success') {
      // GitHub cuts off the fractions of seconds.
      const finishedAt = Math.min(Date.parse(run.updated_at) + 999, this.#repository.client.now());
      return succeeded(`run ${run.id}`, startedAt, finishedAt, { url: this.url, logUrl: run.html_url });
    }
    const bad = badJob(jobs);
    const isSilent = bad !== undefined && (bad.steps ?? []).every((step) => step.conclusion !== 'failure');
    const { reason, job } = runFailure(run, jobs, isSilent ? await this.#runs.note(bad.id) : null);
    const log = job === undefined ? [] : await this.#runs.logTail(job.id, LOG_LINES);
    return failed(reason, { logUrl: job?.html_url ?? run.html_url, log });
  }
}

function otherWorkflow({ tag, commit }: Release, run: WorkflowRun): string {
  const found = `The run is one of ${short(run.head_sha)}, not of ${short(commit)}`;
  return `${found}: the tag ${tag} was moved while it was started. Look at the run: it may have deployed.`;
}
