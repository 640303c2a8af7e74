import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { type Live, runs } from '../../../domain/release/release.ts';
import type { DeployOrder } from '../port.ts';
import type { AskedFor, ReleaseNames } from '../shared/release-name.ts';
import type { CloudRunApi } from './api.ts';
import { orderOn, releaseOn } from './notes.ts';
import {
  type Container,
  hasFailed,
  isReady,
  isSettled,
  lastName,
  type Revision,
  type RunService,
  routing,
  type Share,
  serving,
} from './shapes.ts';

interface Options {
  readonly service: string;
  readonly containers?: readonly string[] | undefined;
}

/** A revision that serves, and what it is. */
export interface Serving extends Share {
  readonly live: Live | null;
}

/** The revisions of a service: which serve, and which releases they are. */
export class Revisions {
  readonly #target: string;
  readonly #options: Options;
  readonly #api: CloudRunApi;
  readonly #names: ReleaseNames;

  constructor(target: string, options: Options, api: CloudRunApi, names: ReleaseNames) {
    this.#target = target;
    this.#options = options;
    this.#api = api;
    this.#names = names;
  }

  /** What was asked for last is so, for this revision at least. */
  async isThere(service: RunService, name: string): Promise<boolean> {
    if (isSettled(service)) return true;
    return hasFailed(service) && routing(service) === 'there' && (await this.isOnlyOthers(service, name));
  }

  /** The revision is ready, and the requests can be moved: it is another one that made the service fail. */
  async isOnlyOthers(service: RunService, name: string): Promise<boolean> {
    if (routing(service) === 'failed') return false;
    const revision = await this.#api.revision(name);
    return revision !== null && isReady(revision);
  }

  /**
   * Where the order is to go back, of the revisions of that release that were ready: one that served before, else one that was
   * made for it, else one that has its image; the newest of these. A deployment makes a new one.
   */
  async ready(order: DeployOrder, service: RunService): Promise<string | null> {
    if (order.kind !== 'rollback') return null;
    const before = orderOn(service)?.before.map(({ revision }) => revision) ?? [];
    const rank = (revision: Revision) => {
      const name = lastName(revision.name);
      if (before.includes(name)) return 0;
      return releaseOn(revision, name) ? 1 : 2;
    };
    const all = await this.#api.revisions();
    for (const revision of all.toSorted((a, b) => rank(a) - rank(b))) {
      if (isReady(revision) && runs(await this.liveOf(revision, { order }), order.release))
        return lastName(revision.name);
    }
    return null;
  }

  /** It has come live since a rollback was ordered that was to stay at what was there before. */
  async wasOnItsWay(
    order: DeployOrder,
    noted: ReturnType<typeof orderOn>,
    all: readonly Serving[],
  ): Promise<boolean> {
    const { kind, from, release } = order;
    const before = noted?.before[0]?.revision;
    const isOurs = before !== undefined && noted?.revision === all[0]?.revision;
    if (kind !== 'rollback' || !runs(from, release) || !isOurs) return false;
    const revision = await this.#api.revision(before);
    return revision !== null && runs(await this.liveOf(revision, { order }), release);
  }

  /** Who has most first; of two that have the same, the one that was there before. */
  async serving(service: RunService, asking: AskedFor): Promise<readonly Serving[]> {
    const newest = orderOn(service)?.revision;
    const all: Serving[] = [];
    for (const share of serving(service)) {
      const revision = await this.#api.revision(share.revision, asking.signal);
      if (revision === null)
        throw new Unavailable('Cloud Run', `it does not show the revision ${share.revision} yet`);
      all.push({ ...share, live: await this.liveOf(revision, asking) });
    }
    return all.sort(
      (a, b) => b.percent - a.percent || Number(a.revision === newest) - Number(b.revision === newest),
    );
  }

  async liveOf(revision: Revision, asking: AskedFor): Promise<Live | null> {
    const noted = releaseOn(revision, lastName(revision.name));
    if (noted) return { commit: noted.commit, version: noted.version };
    const [container] = this.chosenOf(revision.containers);
    return this.#names.liveImage(container?.image ?? '', asking);
  }

  /** The containers that get the image. Refusal `target-misconfigured`. */
  chosen({ template }: Pick<RunService, 'template'>): readonly Container[] {
    const chosen = this.chosenOf(template.containers);
    const { containers, service } = this.#options;
    const missing = containers?.find((name) => !chosen.some((one) => one.name === name));
    if (missing === undefined && chosen.length > 0) return chosen;
    const names = template.containers.map(({ name }) => name || 'one without a name').join(', ');
    const reason =
      missing === undefined
        ? `${service} has no container that takes requests`
        : `${service} has no container ${missing}, only ${names}`;
    throw new Refusal('target-misconfigured', { target: this.#target, reason });
  }

  chosenOf(all: readonly Container[]): readonly Container[] {
    const { containers } = this.#options;
    if (containers) return all.filter(({ name }) => containers.includes(name ?? ''));
    return all.length === 1 ? all : all.filter(({ ports }) => (ports?.length ?? 0) > 0);
  }
}
