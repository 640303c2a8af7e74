import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Build, Live, Release, Sha } from '../../../domain/release/release.ts';
import { type AdapterContext, Duration, SecretRef } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { HerokuApi, type HerokuRelease } from './heroku-api.ts';
import { actOrFind, commitsOf, mustNotHaveMoved, running, short } from './platform-order.ts';

const PLATFORM = 'Heroku';

/** A promotion whose answer was lost shows as a release a little later: looks, and the pause before each, in ms. */
const LOOKS_AFTER_LOSS = 5;
const PAUSE_AFTER_LOSS_MS = 1_000;

const AppName = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'the name or id of an app, such as shop-production');

export const HerokuSettings = z
  .strictObject({
    use: z.literal('heroku'),
    app: AppName.meta({ description: 'The app of production.' }),
    staging: AppName.meta({ description: 'The app of staging, in the same pipeline.' }),
    token: SecretRef,
    url: HttpUrl.optional().meta({
      description: "Where production answers; the app's own address by default.",
    }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    api: HttpUrl.default('https://api.heroku.com').meta({ description: "Address of Heroku's Platform API." }),
  })
  .meta({ description: 'Promotes what runs on staging to production through a Heroku pipeline.' });
export type HerokuSettings = z.infer<typeof HerokuSettings>;

export const herokuTarget = defineKind({
  settings: HerokuSettings,
  open: (settings, context: AdapterContext) => openHeroku(settings, context),
});

export function openHeroku(
  settings: HerokuSettings,
  context: AdapterContext,
  pauseAfterLossMs: number = PAUSE_AFTER_LOSS_MS,
): Target {
  const token = context.secret(settings.token.env);
  const api = new HerokuApi({
    platform: PLATFORM,
    base: settings.api,
    headers: { authorization: `Bearer ${token}` },
    tokenName: settings.token.env,
    secrets: [token],
    timeoutMs: settings.timeout,
    now: context.now,
  });
  return new HerokuTarget(settings, api, context.now, pauseAfterLossMs);
}

/**
 * What is live is the commit of the slug that the current release runs. Heroku takes no key and no note with a
 * promotion: before it acts, an order looks for a release that runs what is wanted and is current or on its way.
 */
class HerokuTarget implements Target {
  readonly kind = 'heroku';
  readonly promotes = true;
  readonly name: string;
  readonly notUndone = ['add-ons and their data', 'what the release phase did'];
  readonly url?: string;
  readonly #settings: HerokuSettings;
  readonly #api: HerokuApi;
  readonly #now: () => number;
  readonly #pauseAfterLossMs: number;

  constructor(settings: HerokuSettings, api: HerokuApi, now: () => number, pauseAfterLossMs: number) {
    this.name = `Heroku app ${settings.app}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.#settings = settings;
    this.#api = api;
    this.#now = now;
    this.#pauseAfterLossMs = pauseAfterLossMs;
  }

  async preflight(signal?: AbortSignal): Promise<string> {
    const { app, staging } = this.#settings;
    await Promise.all([this.#api.app(app, signal), this.#api.app(staging, signal)]);
    await this.#pipeline(signal);
    return `${app} answers, and ${staging} can be promoted to it.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    return this.#liveAmong(await this.#api.releases(this.#settings.app, signal), signal);
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const { app, staging } = this.#settings;
    const commits = commitsOf(release);
    const past = await this.#find(app, commits, canGoBack, signal);
    if (past) return `${app} still has it as v${past.version}, and can go back to that.`;
    const source = await this.#find(staging, commits, hasSucceeded, signal);
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
    const [{ web_url: ownUrl }, releases] = await Promise.all([this.#api.app(app), this.#api.releases(app)]);
    const handle = (after: number, promotion: string | null): DeployHandle => ({
      id: `${app}@${(commits[0] ?? '').slice(0, 12)}`,
      startedAt: this.#now(),
      state: { after, promotion, url: this.url ?? ownUrl ?? null },
    });
    const under = await this.#underWay(releases, commits);
    if (under) return handle(under.version - 1, null);
    mustNotHaveMoved(this.name, order, await this.#liveAmong(releases));

    const newest = releases[0]?.version ?? 0;
    const isThere = async () => {
      const newer = (await this.#api.releases(app)).filter(({ version }) => version > newest);
      return (await this.#firstOf(app, newer, commits)) !== null;
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
    const { after, promotion, url } = handle.state;
    const releases = await this.#api.releases(app);
    const newer = releases.filter(({ version }) => version > Number(after));
    const ours = await this.#firstOf(app, newer, commitsOf(order.release));
    if (ours === null) {
      const failure = typeof promotion === 'string' ? await this.#api.promotionFailure(promotion) : null;
      if (failure !== null) return { kind: 'failed', reason: `The promotion failed: ${failure}.` };
      return running(handle, this.#now(), 'Heroku makes the release', null);
    }
    const name = `v${ours.version} of ${app}`;
    const logUrl = `https://dashboard.heroku.com/apps/${encodeURIComponent(app)}/activity/releases/${ours.id}`;
    if (ours.status === 'pending') {
      return running(handle, this.#now(), `the release phase of ${name} is running`, logUrl);
    }
    if (ours.status !== 'succeeded') {
      const log = await this.#api.output(ours);
      const reason = `The release phase of ${name} failed; production still runs what it ran before.`;
      return { kind: 'failed', reason, logUrl, ...(log.length > 0 ? { log } : {}) };
    }
    return {
      kind: 'succeeded',
      deployment: {
        id: `v${ours.version}`,
        ...(typeof url === 'string' ? { url } : {}),
        logUrl,
        startedAt: handle.startedAt,
        finishedAt: this.#now(),
      },
    };
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
      order.kind === 'rollback' ? await this.#firstOf(app, releases.filter(canGoBack), commits) : null;
    if (past) {
      await actOrFind(() => this.#api.rollback(app, past.id), isThere);
      return null;
    }
    const [source, pipeline] = await Promise.all([this.#mustFindOnStaging(commits), this.#pipeline()]);
    let promotion: string | null = null;
    await actOrFind(async () => {
      const from = { app: pipeline.staging, release: source.id };
      promotion = await this.#api.promote(pipeline.id, from, pipeline.app);
    }, isThere);
    return promotion;
  }

  /** The release that is current or on its way and runs what is wanted. One that runs something else must end first. */
  async #underWay(
    releases: readonly HerokuRelease[],
    commits: readonly Sha[],
  ): Promise<HerokuRelease | null> {
    const { app } = this.#settings;
    const pending = releases.find(({ status }) => status === 'pending');
    if (pending) {
      if (await this.#firstOf(app, [pending], commits)) return pending;
      throw new Unavailable(PLATFORM, `the release phase of v${pending.version} of ${app} is still running`);
    }
    const current = releases.find(isCurrent);
    return current ? this.#firstOf(app, [current], commits) : null;
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

  async #mustFindOnStaging(commits: readonly Sha[], signal?: AbortSignal): Promise<HerokuRelease> {
    const { staging } = this.#settings;
    const source = await this.#find(staging, commits, hasSucceeded, signal);
    if (source) return source;
    const [commit = ''] = commits;
    const reason = `no release of ${staging} runs it`;
    throw new Refusal('build-missing', { platform: PLATFORM, commit, reason });
  }

  async #find(
    app: string,
    commits: readonly Sha[],
    isGood: (release: HerokuRelease) => boolean,
    signal?: AbortSignal,
  ): Promise<HerokuRelease | null> {
    return this.#firstOf(app, (await this.#api.releases(app, signal)).filter(isGood), commits, signal);
  }

  /** The newest of the releases that runs one of the commits. */
  async #firstOf(
    app: string,
    releases: readonly HerokuRelease[],
    commits: readonly Sha[],
    signal?: AbortSignal,
  ): Promise<HerokuRelease | null> {
    for (const release of releases) {
      const commit = await this.#api.commitOf(app, release, signal);
      if (commit !== null && commits.includes(commit)) return release;
    }
    return null;
  }

  async #liveAmong(releases: readonly HerokuRelease[], signal?: AbortSignal): Promise<Live | null> {
    const current = releases.find(isCurrent);
    if (!current || (!current.slug && !current.artifacts?.length)) return null;
    const commit = await this.#api.commitOf(this.#settings.app, current, signal);
    const deploymentId = `v${current.version}`;
    if (commit === null) throw new Refusal('live-unnamed', { platform: this.name, deployment: deploymentId });
    return { commit, deploymentId };
  }

  /** Both apps in one pipeline, and production last. */
  async #pipeline(signal?: AbortSignal): Promise<{ id: string; app: string; staging: string }> {
    const { app, staging } = this.#settings;
    const [to, from] = await Promise.all([
      this.#api.coupling(app, signal),
      this.#api.coupling(staging, signal),
    ]);
    const wrong =
      to === null
        ? `${app} is in no pipeline`
        : from?.pipeline.id !== to.pipeline.id
          ? `${staging} is not in the pipeline of ${app}`
          : to.stage !== 'production'
            ? `${app} stands at the stage ${to.stage} of its pipeline, not at production`
            : null;
    if (to && from && wrong === null) return { id: to.pipeline.id, app: to.app.id, staging: from.app.id };
    throw new Refusal('target-misconfigured', { target: PLATFORM, reason: wrong ?? '' });
  }
}

function isCurrent({ current, status }: HerokuRelease): boolean {
  return current === true && status === 'succeeded';
}

function hasSucceeded({ status }: HerokuRelease): boolean {
  return status === 'succeeded';
}

function canGoBack({ status, eligible_for_rollback: eligible }: HerokuRelease): boolean {
  return status === 'succeeded' && eligible !== false;
}
