import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Sha } from '../../../domain/release/release.ts';
import type { HerokuApi, HerokuRelease } from './heroku-api.ts';

/** The releases of one app, newest first, by the commits that they run. */
export class HerokuReleases {
  readonly app: string;
  readonly #api: HerokuApi;

  constructor(api: HerokuApi, app: string) {
    this.#api = api;
    this.app = app;
  }

  all(signal?: AbortSignal): Promise<readonly HerokuRelease[]> {
    return this.#api.releases(this.app, signal);
  }

  /** The newest of the good ones that runs one of the commits. */
  async find(
    commits: readonly Sha[],
    isGood: (release: HerokuRelease) => boolean,
    signal?: AbortSignal,
  ): Promise<HerokuRelease | null> {
    return this.firstOf((await this.all(signal)).filter(isGood), commits, signal);
  }

  /** The newest of the releases that runs one of the commits. */
  async firstOf(
    releases: readonly HerokuRelease[],
    commits: readonly Sha[],
    signal?: AbortSignal,
  ): Promise<HerokuRelease | null> {
    for (const release of releases) {
      const commit = await this.#api.commitOf(this.app, release, signal);
      if (commit !== null && commits.includes(commit)) return release;
    }
    return null;
  }

  /** The release that is current or on its way and runs what is wanted. One that runs something else must end first. */
  async underWay(releases: readonly HerokuRelease[], commits: readonly Sha[]): Promise<HerokuRelease | null> {
    const pending = releases.find(({ status }) => status === 'pending');
    if (pending) {
      if (await this.firstOf([pending], commits)) return pending;
      throw new Unavailable(
        'Heroku',
        `the release phase of v${pending.version} of ${this.app} is still running`,
      );
    }
    const current = releases.find(isCurrent);
    return current ? this.firstOf([current], commits) : null;
  }

  /** What the current one runs; null for nothing. `platform` names the app in the refusal `live-unnamed`. */
  async live(
    releases: readonly HerokuRelease[],
    platform: string,
    signal?: AbortSignal,
  ): Promise<Live | null> {
    const current = releases.find(isCurrent);
    if (!current || (!current.slug && !current.artifacts?.length)) return null;
    const commit = await this.#api.commitOf(this.app, current, signal);
    const deploymentId = `v${current.version}`;
    if (commit === null) throw new Refusal('live-unnamed', { platform, deployment: deploymentId });
    return { commit, deploymentId };
  }
}

function isCurrent({ current, status }: HerokuRelease): boolean {
  return current === true && status === 'succeeded';
}

export function hasSucceeded({ status }: HerokuRelease): boolean {
  return status === 'succeeded';
}

export function canGoBack({ status, eligible_for_rollback: eligible }: HerokuRelease): boolean {
  return status === 'succeeded' && eligible !== false;
}
