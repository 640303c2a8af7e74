import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { Refs } from '../port.ts';
import type { GithubClient } from './api/client.ts';
import * as shapes from './api/shapes.ts';

type Tag = Refs['tags'][number];

/** Tags on one page of their list. */
const PER_PAGE = 100;

/** Branches and tags of the repository, and moving them. */
export class GithubRefs {
  readonly #client: GithubClient;
  /** The commit behind a tag object. */
  readonly #peeled = new Map<Sha, Sha>();

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** Two conditional requests when no tag is new. Refusal `repository-empty`. */
  async all(signal?: AbortSignal): Promise<Refs> {
    const [heads, tags] = await Promise.all([
      this.#matching('heads', signal),
      this.#matching('tags', signal),
    ]);
    if (heads.length === 0) throw new Refusal('repository-empty', { remote: this.#client.web });
    const branches = Object.fromEntries(
      heads.map(({ ref, object }) => [ref.slice('refs/heads/'.length), object.sha]),
    );
    return { branches, tags: await this.#peel(tags, signal) };
  }

  /** Null when there is no such branch. */
  async branch(name: string, signal?: AbortSignal): Promise<Sha | null> {
    return (await this.#ref(`heads/${name}`, signal))?.sha ?? null;
  }

  /** The commit of a tag, and its tag object when it has one. */
  async tag(name: string): Promise<{ readonly commit: Sha; readonly object: Sha | null } | null> {
    const found = await this.#ref(`tags/${name}`);
    if (found === null) return null;
    return found.type === 'tag'
      ? { commit: await this.#peelOne(found.sha), object: found.sha }
      : { commit: found.sha, object: null };
  }

  /** False when there is a ref of that name already. */
  async create(ref: string, sha: Sha): Promise<'created' | 'exists' | { readonly refused: string }> {
    const reply = await this.#client.send(
      'POST /repos/{owner}/{repo}/git/refs',
      { ref: `refs/${ref}`, sha },
      shapes.Ref,
      { expect: [403, 422] },
    );
    if (reply.kind === 'ok') return 'created';
    if (reply.status === 403) return this.#refusedBy(reply);
    return /already exists/i.test(reply.message) ? 'exists' : { refused: reply.message };
  }

  /** Moves a branch; without `force` only forward. */
  async move(
    branch: string,
    sha: Sha,
    force = false,
  ): Promise<'moved' | 'not-forward' | { readonly refused: string }> {
    const reply = await this.#client.send(
      'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
      { ref: `heads/${branch}`, sha, force },
      shapes.Ref,
      { expect: [403, 422] },
    );
    if (reply.kind === 'ok') return 'moved';
    if (reply.status === 403) return this.#refusedBy(reply);
    return /not a fast[- ]forward/i.test(reply.message) ? 'not-forward' : { refused: reply.message };
  }

  /** A ref that is not there is fine. */
  async remove(ref: string): Promise<{ readonly refused: string } | null> {
    const reply = await this.#client.send(
      'DELETE /repos/{owner}/{repo}/git/refs/{ref}',
      { ref },
      shapes.Nothing,
      { expect: [404, 422] },
    );
    const gone = reply.kind === 'ok' || reply.status === 404 || /does not exist/i.test(reply.message);
    return gone ? null : { refused: reply.message };
  }

  /** A 403 is a rule of the branch, or a permission that the login lacks. */
  #refusedBy(reply: { readonly status: number; readonly message: string }): { readonly refused: string } {
    if (/resource not accessible/i.test(reply.message)) {
      throw new Refusal('github-permission', {
        repository: this.#client.name,
        login: this.#client.login.kind,
        permission: 'contents: write',
        what: 'writing refs',
        reason: reply.message,
      });
    }
    return { refused: reply.message };
  }

  async #ref(ref: string, signal?: AbortSignal) {
    const reply = await this.#client.ask('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref }, shapes.Ref, {
      expect: [404],
      signal,
    });
    return reply.kind === 'ok' ? reply.data.object : null;
  }

  async #matching(kind: 'heads' | 'tags', signal: AbortSignal | undefined) {
    const found = [];
    const route = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
    for await (const page of this.#client.pages(route, { ref: kind }, shapes.RefList, { signal })) {
      found.push(...page);
    }
    return found.filter(({ ref }) => ref.startsWith(`refs/${kind}/`));
  }

  /** GitHub lists tags with their commits, and refs with their objects; only both together tell everything. */
  async #peel(refs: readonly shapes.Ref[], signal: AbortSignal | undefined): Promise<readonly Tag[]> {
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
          ? { name: nameOf(ref), commit: await this.#peelOne(object.sha), annotated: true }
          : { name: nameOf(ref), commit: object.sha, annotated: false },
      ),
    );
  }

  /** Through tags of tags. */
  async #peelOne(tag: Sha): Promise<Sha> {
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
