import { Refusal, whenRefused } from '../../../domain/refusals/refusal.ts';
import { type Live, runs } from '../../../domain/release/release.ts';
import type { DeployOrder } from '../port.ts';
import { commitsOf } from '../shared/order.ts';
import type { AskedFor, ReleaseNames } from '../shared/release-name.ts';
import type { EcsApi } from './api.ts';
import { definitionBefore, imagesIn, isOf, registrationOf, releaseIn } from './notes.ts';
import type { Move } from './rolling.ts';
import { endOf, type TaggedDefinition } from './shapes.ts';

/** So many task definitions are looked at for the one to go back to: first those that were live, then the newest. */
const MOST_BEFORE = 5;
const MOST_NEWEST = 20;
/** Among so many of the newest is that of an order whose answer was lost: builds register some too. */
const MOST_SINCE = 5;

interface Wanted {
  readonly key: string;
  /** Is registered again, unless an older one had the release. */
  readonly source: TaggedDefinition;
  /** What the service had before. */
  readonly before: string;
}

/** The task definitions of releases: what they run, and how those of an order are registered. */
export class Definitions {
  readonly #target: string;
  readonly #containers: readonly string[];
  readonly #api: EcsApi;
  readonly #names: ReleaseNames;

  constructor(target: string, containers: readonly string[], api: EcsApi, names: ReleaseNames) {
    this.#target = target;
    this.#containers = containers;
    this.#api = api;
    this.#names = names;
  }

  read(arn: string, signal?: AbortSignal): Promise<TaggedDefinition> {
    return this.#api.definition(arn, signal);
  }

  /** Null for one that somebody has deleted. */
  readIfThere(arn: string): Promise<TaggedDefinition | null> {
    return this.read(arn).catch(whenRefused(null, 'platform-refused'));
  }

  /** One that has the containers. Refusal `target-misconfigured`. */
  async whole(arn: string, signal?: AbortSignal): Promise<TaggedDefinition> {
    const one = await this.read(arn, signal);
    const names = one.definition.containerDefinitions.map(({ name }) => name);
    const missing = this.#containers.find((name) => !names.includes(name));
    if (missing === undefined) return one;
    const reason = `${endOf(arn)} has no container ${missing}, only ${names.join(', ')}`;
    throw new Refusal('target-misconfigured', { target: this.#target, reason });
  }

  /** It was registered here, and still has that image. */
  isOurs(one: TaggedDefinition): boolean {
    return releaseIn(one, this.#containers) !== null;
  }

  async liveOf(one: TaggedDefinition, asking: AskedFor): Promise<Live | null> {
    const noted = releaseIn(one, this.#containers);
    if (noted) return noted;
    const images = imagesIn(one.definition, this.#containers);
    if (images.length > 1) return { commit: '', version: images.map(endOf).join(' and ') };
    return this.#names.liveImage(images[0] ?? '', asking);
  }

  /** That of the key when it is there already: a registration, or more than that, whose answer was lost. */
  async forOrder(
    order: DeployOrder,
    { key, source, before }: Wanted,
  ): Promise<Pick<Move, 'definition' | 'isNew'>> {
    for (const definition of await this.#api.definitions(source.definition.family, MOST_SINCE)) {
      if (isOf(await this.read(definition), key)) return { definition, isNew: false };
    }
    const { kind, release } = order;
    const old = kind === 'rollback' ? await this.#before(order, source) : null;
    const [commit = ''] = commitsOf(release);
    const note = { key, commit, version: release.version, image: this.#names.of(release), before };
    const registration = registrationOf(old ?? source, this.#containers, note);
    return { definition: await this.#api.register(registration), isNew: true };
  }

  /**
   * The task definition that ran the release before: along what was live before, else the newest that was registered for it,
   * else the newest that has its image.
   */
  async #before(order: DeployOrder, current: TaggedDefinition): Promise<TaggedDefinition | null> {
    let before = definitionBefore(current);
    for (let looks = 0; looks < MOST_BEFORE && before !== undefined; looks++) {
      const one = await this.readIfThere(before);
      if (one !== null && runs(await this.liveOf(one, { order }), order.release)) return one;
      before = one === null ? undefined : definitionBefore(one);
    }
    let newest: TaggedDefinition | null = null;
    for (const arn of await this.#api.definitions(current.definition.family, MOST_NEWEST)) {
      const found = await this.readIfThere(arn);
      if (found === null || !runs(await this.liveOf(found, { order }), order.release)) continue;
      if (this.isOurs(found)) return found;
      newest ??= found;
    }
    return newest;
  }
}
