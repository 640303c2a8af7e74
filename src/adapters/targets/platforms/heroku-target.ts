import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Build, Live, Release, Sha } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { actOrFind, commitsOf, mustNotHaveMoved } from '../shared/order.ts';
import { failed, running, succeeded } from '../shared/status.ts';
import { short } from '../shared/words.ts';
import type { HerokuApi, HerokuRelease } from './heroku-api.ts';
import { pipelineOf } from './heroku-pipeline.ts';
import { canGoBack, HerokuReleases, hasSucceeded } from './heroku-releases.ts';

const PLATFORM = 'Heroku';

/** A promotion whose answer was lost shows as a release a little later: how often it is looked for. */
const LOOKS_AFTER_LOSS = 5;

/** With preboot requests go to the new dynos so long after the release (https://devcenter.heroku.com/articles/preboot), ms. */
const PREBOOT_MS = 3 * 60_000;

interface Options {
  readonly app: string;
  readonly staging: string;
  readonly url?: string | undefined;
}

/**
 * What is live is the commit of the slug that the current release runs. Heroku takes no key and no note with a
 * promotion: before it acts, an order looks for a release that runs what is wanted and is current or on its way.
 */
export class HerokuTarget implements Target {
  readonly kind = 'heroku';
  readonly promotes = true;
  readonly name: string;
  readonly notUndone = ['add-ons and their data', 'what the release phase did'];
  readonly url?: string;
  readonly #settings: Options;
  readonly #api: HerokuApi;
  readonly #releases: HerokuReleases;
  readonly #staging: HerokuReleases;
  readonly #now: () => number;
  readonly #pauseAfterLossMs: number;

  constructor(settings: Options, api: HerokuApi, now: () => number, pauseAfterLossMs: number) {
    this.name = `Heroku app ${settings.app}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.#settings = settings;
    this.#api = api;
    this.#releases = new HerokuReleases(api, settings.app);
    this.#staging = new HerokuReleases(api, settings.staging);
    this.#now = now;
    this.#pauseAfterLossMs = pauseAfterLossMs;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { app, staging } = this.#settings;
    const apps = await Promise.all([this.#api.app(app, signal), this.#api.app(staging, signal)]);
    const container = apps.find(({ stack }) => stack?.name === 'container');
    if (container) {
      const reason = `${container.name} is on the stack container, whose releases have no slug that a pipeline could promote`;
      throw new Refusal('target-misconfigured', { target: this.name, reason });
    }
    await pipelineOf(this.#api, this.#settings, signal);
    return `${app} answers, and ${staging} can be promoted to it.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    return this.#releases.live(await this.#releases.all(signal), this.name, signal);
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const { app, staging } = this.#settings;
    const commits = commitsOf(release);
    const past = await this.#releases.find(commits, canGoBack, signal);
    if (past) return `${app} still has it as v${past.version}, and can go back to that.`;
    const source = await this.#staging.find(commits, hasSucceeded, signal);
    if (source) return `${staging} still has it as v${source.version}, and that can be promoted.`;
    throw new Refusal('release-not-deployable', {
      tag: release.tag || release.version,
      reason: `neither ${app} nor ${staging} has a release of ${commits.map(short).join(' or ')} that is still there`,
    });
  }

  async promotable({ commit }: Build, signal?: AbortSignal): Promise<string> {
    const source = await this.#mustFindOnStaging([commit], signal);
    return `${short(commit)} is v${source.version} of ${this.#settings.staging}.`;
  }

  async start(order: DeployOrder, _key: string): Promise<DeployHandle> {
    const { app } = this.#settings;
    const commits = commitsOf(order.release);
    const [{ web_url: ownUrl }, releases, preboot] = await Promise.all([
      this.#api.app(app),
      this.#releases.all(),
      this.#api.preboots(app),
    ]);
    const handle = (after: number, promotion: string | null): DeployHandle => ({
      id: `${app}@${(commits[0] ?? '').slice(0, 12)}`,
      startedAt: this.#now(),
      state: { after, promotion, preboot, url: this.url ?? ownUrl ?? null },
    });
    const under = await this.#releases.underWay(releases, commits);
    if (under) return handle(under.version - 1, null);
    mustNotHaveMoved(this.name, order, await this.#releases.live(releases, this.name));

    const newest = releases[0]?.version ?? 0;
    const isThere = async () => {
      const newer = (await this.#releases.all()).filter(({ version }) => version > newest);
      return (await this.#releases.firstOf(newer, commits)) !== null;
    };
    try {
      const promotion = await this.#act(order, releases, isThere);
      return handle(newest, promotion);
    } catch (error) {
      if (!(error instanceof Unavailable) || !(await this.#showsUp(isThere))) throw error;
      return handle(newest, null);
    }
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { app } = this.#settings;
    const { after, promotion, preboot, url } = handle.state;
    const releases = await this.#releases.all();
    const newer = releases.filter(({ version }) => version > Number(after));
    const ours = await this.#releases.firstOf(newer, commitsOf(order.release));
    if (ours === null) {
      const failure = typeof promotion === 'string' ? await this.#api.promotionFailure(promotion) : null;
      if (failure !== null) return failed(`The promotion failed: ${failure}.`);
      return running(handle, this.#now(), 'Heroku makes the release', null);
    }
    const name = `v${ours.version} of ${app}`;
    const logUrl = `https://dashboard.heroku.com/apps/${encodeURIComponent(app)}/activity/releases/${ours.id}`;
    const now = this.#now();
    if (ours.status === 'pending') {
      return running(handle, now, `the release phase of ${name} is running`, logUrl);
    }
    if (ours.status !== 'succeeded' && ours.status !== 'failed') {
      return running(
        handle,
        now,
        `Heroku says “${ours.status}” of ${name}, which Slipway does not know`,
        logUrl,
      );
    }
    if (ours.status !== 'succeeded') {
      const log = await this.#api.output(ours);
      const reason = `The release phase of ${name} failed; production still runs what it ran before.`;
      return failed(reason, { logUrl, log });
    }
    const bootedAt = preboot === true ? Date.parse(ours.updated_at ?? '') + PREBOOT_MS : 0;
    if (now < bootedAt) {
      return running(
        handle,
        now,
        `${name} boots, and the dynos of the release before still answer (preboot)`,
        logUrl,
      );
    }
    const where = typeof url === 'string' ? url : null;
    return succeeded(`v${ours.version}`, handle.startedAt, now, { url: where, logUrl });
  }

  /** Answers with the id of the promotion; null after a rollback, which is a release at once. */
  async #act(
    order: DeployOrder,
    releases: readonly HerokuRelease[],
    isThere: () => Promise<boolean>,
  ): Promise<string | null> {
    const { app } = this.#settings;
    const commits = commitsOf(order.release);
    const past =
      order.kind === 'rollback' ? await this.#releases.firstOf(releases.filter(canGoBack), commits) : null;
    if (past) {
      await actOrFind(() => this.#api.rollback(app, past.id), isThere);
      return null;
    }
    const [source, pipeline] = await Promise.all([
      this.#mustFindOnStaging(commits),
      pipelineOf(this.#api, this.#settings),
    ]);
    let promotion: string | null = null;
    await actOrFind(async () => {
      const from = { app: pipeline.staging, release: source.id };
      promotion = await this.#api.promote(pipeline.id, from, pipeline.app);
    }, isThere);
    return promotion;
  }

  async #mustFindOnStaging(commits: readonly Sha[], signal?: AbortSignal): Promise<HerokuRelease> {
    const { staging } = this.#settings;
    const source = await this.#staging.find(commits, hasSucceeded, signal);
    if (source) return source;
    const [commit = ''] = commits;
    const reason = `no release of ${staging} runs it`;
    throw new Refusal('build-missing', { platform: PLATFORM, commit, reason });
  }

  /** Whether what was asked for shows up although the answer was lost. */
  async #showsUp(isThere: () => Promise<boolean>): Promise<boolean> {
    for (let look = 1; look <= LOOKS_AFTER_LOSS; look++) {
      await sleep(this.#pauseAfterLossMs);
      const found = await isThere().catch((error: unknown) => {
        if (error instanceof Unavailable) return false;
        throw error;
      });
      if (found) return true;
    }
    return false;
  }
}
