import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import { tagOfVersion, versionInTag } from '../../../domain/release/tag-form.ts';
import { literalPattern } from '../../../domain/text/bounded-pattern.ts';
import type { Repository } from '../../repositories/port.ts';
import type { TargetContext } from '../context.ts';
import type { DeployOrder } from '../port.ts';
import { imageInWords, isImage, isPlaceholder, withoutDigest } from './image.ts';
import { commitsOf } from './order.ts';
import { short } from './words.ts';

const SHORT = 7;
/** What each placeholder can stand for. */
const PLACES = {
  tag: String.raw`\S{1,200}`,
  version: String.raw`\d\S{0,200}`,
  commit: '[0-9a-f]{40}|[0-9a-f]{64}',
  short: `[0-9a-f]{${SHORT}}`,
} as const;
type Place = keyof typeof PLACES;

/** How a release is written where it is deployed: `{tag}`, `{version}`, `{commit}` or `{short}` in a text. */
export const ReleaseTemplate = z
  .string()
  .refine((text) => placesIn(text).length === 1, 'a text with one of {tag}, {version}, {commit} and {short}');

function placesIn(template: string): readonly Place[] {
  return [...template.matchAll(/\{(tag|version|commit|short)\}/g)].map(([, name]) => name as Place);
}

/** A text of this form for a release. */
export function releaseText(template: string, release: Release): string {
  const [commit = ''] = commitsOf(release);
  const values = { tag: release.tag, version: release.version, commit, short: commit.slice(0, SHORT) };
  return template.replace(/\{(tag|version|commit|short)\}/, (_, place: Place) => values[place]);
}

export interface ReadName {
  readonly place: Place;
  readonly text: string;
}

/** What a text of this form says; null for a text of another form. */
export function readName(template: string, text: string): ReadName | null {
  const [place = 'tag'] = placesIn(template);
  const [before = '', after = ''] = template.split(`{${place}}`);
  const found = new RegExp(`^${literalPattern(before)}(${PLACES[place]})${literalPattern(after)}$`).exec(
    text.slice(0, 1_000),
  );
  return found ? { place, text: found[1] ?? '' } : null;
}

/** `shop-v1.2.0` -> `1.2.0`; null for a tag that ends with no version. */
export function versionOfTag(tag: string): string | null {
  return /^(?:[^-@/_]{0,100}[-@/_]){0,10}?v?(\d.*)$/.exec(tag.slice(0, 300))?.[1] ?? null;
}

/** `order`: to which it is asked. */
export interface AskedFor {
  readonly order?: DeployOrder;
  readonly signal?: AbortSignal | undefined;
}

/** The service, and how its tags are named. */
type Home = Pick<TargetContext, 'service' | 'tags'>;

/** Releases as they are written where they run, with the repository that knows their tags. */
export class ReleaseNames {
  readonly #template: string;
  readonly #home: Home;
  readonly #repository: Pick<Repository, 'refs'>;

  constructor(template: string, home: Home, repository: Pick<Repository, 'refs'>) {
    this.#template = template;
    this.#home = home;
    this.#repository = repository;
  }

  of(release: Release): string {
    return releaseText(this.#template, release);
  }

  /** What a text says is live: null for a text of another form, which no release of ours wrote. */
  async live(text: string, signal?: AbortSignal): Promise<Live | null> {
    const name = readName(this.#template, text);
    if (name === null) return null;
    if (name.place === 'commit') return { commit: name.text };
    const { tags } = await this.#repository.refs(signal);
    if (name.place === 'short') {
      const commit = tags.find((tag) => tag.commit.startsWith(name.text))?.commit;
      return commit === undefined ? { commit: '', version: name.text } : { commit };
    }
    const version = this.#versionIn(name);
    const named =
      name.place === 'tag'
        ? tags.find((tag) => tag.name === name.text)
        : (tagOfVersion(this.#home.tags, tags, version) ?? this.#likely(tags, version));
    return { commit: named?.commit ?? '', version };
  }

  /**
   * What an image that runs is. One of another form is no release of ours, and is live all the same: it goes by its name.
   * Null where there is none, or only one that holds the place.
   */
  async liveImage(image: string, { order, signal }: AskedFor = {}): Promise<Live | null> {
    if (order) return this.#liveFor(order, image);
    const live = await this.live(withoutDigest(image), signal);
    if (live !== null || image === '' || isPlaceholder(image)) return live;
    return { commit: '', version: imageInWords(image) };
  }

  /** A rollback does not wait for the host that knows the tags: then an image goes by what its name says. */
  async #liveFor({ kind, release, from }: DeployOrder, image: string): Promise<Live | null> {
    const [commit = ''] = commitsOf(release);
    if (isImage(image, this.of(release))) return { commit, version: release.version };
    try {
      return await this.liveImage(image);
    } catch (error) {
      if (kind !== 'rollback' || !(error instanceof Refusal || error instanceof Unavailable)) throw error;
      const name = readName(this.#template, withoutDigest(image));
      if (name?.place === 'short' && from?.commit.startsWith(name.text)) return from;
      return { commit: '', version: name ? this.#versionIn(name) : '' };
    }
  }

  /** The release and its tag are in the repository. Refusal `release-not-deployable`. */
  async mustKnow({ tag, commit }: Release, signal?: AbortSignal): Promise<void> {
    const { tags } = await this.#repository.refs(signal);
    const named: Sha | undefined = tags.find(({ name }) => name === tag)?.commit;
    if (named === commit) return;
    const reason =
      named === undefined ? 'its tag is not in the repository' : `the tag names ${short(named)} now`;
    throw new Refusal('release-not-deployable', { tag, reason });
  }

  #versionIn({ place, text }: ReadName): string {
    return place === 'tag' ? (versionInTag(this.#home.tags, text) ?? versionOfTag(text) ?? text) : text;
  }

  /** Where tags had another form: that which names this service, else the plain one, else the only one of the version. */
  #likely<T extends { readonly name: string }>(all: readonly T[], version: string): T | undefined {
    const { service } = this.#home;
    const tags = all.filter(({ name }) => versionOfTag(name) === version);
    const plain = /^[-@/_]?v?\d/;
    return (
      tags.find(({ name }) => name.startsWith(service) && plain.test(name.slice(service.length))) ??
      tags.find(({ name }) => plain.test(name)) ??
      (tags.length === 1 ? tags[0] : undefined)
    );
  }
}
