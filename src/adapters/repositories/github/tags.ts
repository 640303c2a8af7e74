import type { Sha } from '../../../domain/release/release.ts';
import type { Refs } from '../port.ts';
import type { GithubClient } from './api/client.ts';
import * as shapes from './api/shapes.ts';

type Tag = Refs['tags'][number];

/** Tags on one page of their list. */
const PER_PAGE = 100;

/** The commits that tags name; what a tag object names never changes. */
export class GithubTags {
  readonly #client: GithubClient;
  /** The commit behind a tag object. */
  readonly #peeled = new Map<Sha, Sha>();

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** GitHub lists tags with their commits, and refs with their objects; only both together tell everything. */
  async peel(refs: readonly shapes.Ref[], signal: AbortSignal | undefined): Promise<readonly Tag[]> {
    const annotated = refs.filter(({ object }) => object.type === 'tag');
    const unknown = annotated.filter(({ object }) => !this.#peeled.has(object.sha)).length;
    if (unknown > Math.ceil(refs.length / PER_PAGE)) {
      const commits = new Map<string, Sha>();
      const route = 'GET /repos/{owner}/{repo}/tags';
      for await (const page of this.#client.pages(route, { per_page: PER_PAGE }, shapes.TagList, {
        signal,
      })) {
        for (const { name, commit } of page) commits.set(name, commit.sha);
      }
      for (const { ref, object } of annotated) {
        const commit = commits.get(nameOf(ref));
        if (commit !== undefined) this.#peeled.set(object.sha, commit);
      }
    }
    return Promise.all(
      refs.map(async ({ ref, object }) =>
        object.type === 'tag'
          ? { name: nameOf(ref), commit: await this.commitOf(object.sha), annotated: true }
          : { name: nameOf(ref), commit: object.sha, annotated: false },
      ),
    );
  }

  /** What a tag object names. */
  know(tag: Sha, commit: Sha): void {
    this.#peeled.set(tag, commit);
  }

  /** Through tags of tags. */
  async commitOf(tag: Sha): Promise<Sha> {
    const known = this.#peeled.get(tag);
    if (known !== undefined) return known;
    let id = tag;
    for (let depth = 0; depth < 5; depth++) {
      const { object } = await this.#client.get(
        'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
        { tag_sha: id },
        shapes.TagObject,
      );
      id = object.sha;
      if (object.type !== 'tag') break;
    }
    this.#peeled.set(tag, id);
    return id;
  }
}

function nameOf(ref: string): string {
  return ref.slice('refs/tags/'.length);
}
