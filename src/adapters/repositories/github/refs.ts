import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { Refs } from '../port.ts';
import type { GithubClient } from './api/client.ts';
import * as shapes from './api/shapes.ts';
import { GithubTags } from './tags.ts';

/** Branches and tags of the repository, and moving them. */
export class GithubRefs {
  readonly #client: GithubClient;
  readonly #tags: GithubTags;

  constructor(client: GithubClient) {
    this.#client = client;
    this.#tags = new GithubTags(client);
  }

  /**
   * All tags, and this branch; where there is none of that name, all branches. Two conditional requests when no tag is
   * new. Refusal `repository-empty`.
   */
  async all(branch: string, signal?: AbortSignal): Promise<Refs> {
    const [found, tags] = await Promise.all([this.branch(branch, signal), this.#matching('tags', signal)]);
    const branches = found === null ? await this.#branches(signal) : { [branch]: found };
    return { branches, tags: await this.#tags.peel(tags, signal) };
  }

  /** Null when there is no such branch. */
  async branch(name: string, signal?: AbortSignal): Promise<Sha | null> {
    return (await branchOf(this.#client, name, signal))?.tip ?? null;
  }

  /** The same for a branch that must be there. Refusal `branch-missing`, and those of `GithubClient.mustSee`. */
  async tip(name: string, signal?: AbortSignal): Promise<Sha> {
    const tip = await this.branch(name, signal);
    if (tip === null) throw await branchMissing(this.#client, name, signal);
    return tip;
  }

  /** The commit of a tag, and its tag object when it has one. By the list of all: unchanged, it costs nothing. */
  async tag(name: string): Promise<{ readonly commit: Sha; readonly object: Sha | null } | null> {
    const found = (await this.#matching('tags')).find(({ ref }) => ref === `refs/tags/${name}`)?.object;
    if (found === undefined) return null;
    return found.type === 'tag'
      ? { commit: await this.#tags.commitOf(found.sha), object: found.sha }
      : { commit: found.sha, object: null };
  }

  /** Names of all tags: unchanged, they cost nothing. */
  async tagNames(): Promise<readonly string[]> {
    return (await this.#matching('tags')).map(({ ref }) => ref.slice('refs/tags/'.length));
  }

  /** A tag object that was just made, by what GitHub says of it. */
  made(tag: { readonly object: Sha; readonly commit: Sha }): void {
    this.#tags.know(tag.object, tag.commit);
  }

  /** `exists`: there is a ref of that name already. Throws Unavailable while GitHub does not see the object yet. */
  async create(ref: string, sha: Sha): Promise<'created' | 'exists' | { readonly refused: string }> {
    const reply = await this.#client.send(
      'POST /repos/{owner}/{repo}/git/refs',
      { ref: `refs/${ref}`, sha },
      shapes.Ref,
      { expect: [403, 404, 422] },
    );
    if (reply.kind === 'ok') return 'created';
    await this.#mustBeSeen(reply, sha, ref);
    if (reply.status === 403) return this.#refusedBy(reply);
    return /already exists/i.test(reply.message) ? 'exists' : { refused: reply.message };
  }

  /** Moves a branch; without `force` only forward. Throws Unavailable while GitHub does not see the commit yet. */
  async move(
    branch: string,
    sha: Sha,
    force = false,
  ): Promise<'moved' | 'not-forward' | { readonly refused: string }> {
    const reply = await this.#client.send(
      'PATCH /repos/{owner}/{repo}/git/refs/{ref}',
      { ref: `heads/${branch}`, sha, force },
      shapes.Ref,
      { expect: [403, 404, 422] },
    );
    if (reply.kind === 'ok') return 'moved';
    await this.#mustBeSeen(reply, sha, `heads/${branch}`);
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

  /** An object that was just made is "not found", or does not exist, for a while. Refusals of `GithubClient.mustSee`. */
  async #mustBeSeen(
    reply: { readonly status: number; readonly message: string },
    sha: Sha,
    ref: string,
  ): Promise<void> {
    if (reply.status !== 404 && !/object does not exist/i.test(reply.message)) return;
    await this.#client.mustSee();
    this.#client.lag.mustBeOver(`${sha.slice(0, 12)}, which ${ref} is to name,`);
  }

  /**
   * A 403 is a rule of the branch, or a permission that the login lacks: GitHub wants one more where files of workflows differ
   * from those of the branch.
   */
  #refusedBy(reply: { readonly status: number; readonly message: string }): { readonly refused: string } {
    if (/resource not accessible/i.test(reply.message)) {
      throw new Refusal('github-permission', {
        repository: this.#client.name,
        login: this.#client.login.kind,
        permission: 'contents: write, or workflows: write where files of workflows differ',
        what: 'writing refs',
        reason: reply.message,
      });
    }
    return { refused: reply.message };
  }

  async #branches(signal: AbortSignal | undefined): Promise<Refs['branches']> {
    const heads = await this.#matching('heads', signal);
    if (heads.length === 0) throw new Refusal('repository-empty', { remote: this.#client.web });
    return Object.fromEntries(heads.map(({ ref, object }) => [ref.slice('refs/heads/'.length), object.sha]));
  }

  async #matching(kind: 'heads' | 'tags', signal?: AbortSignal) {
    const found = [];
    const route = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
    for await (const page of this.#client.pages(route, { ref: kind }, shapes.RefList, { signal })) {
      found.push(...page);
    }
    return found.filter(({ ref }) => ref.startsWith(`refs/${kind}/`));
  }
}

/** Where a branch stands, and whether it is protected in any way; null when there is none of that name. */
export async function branchOf(
  client: GithubClient,
  branch: string,
  signal?: AbortSignal,
): Promise<{ readonly tip: Sha; readonly isProtected: boolean } | null> {
  const route = 'GET /repos/{owner}/{repo}/branches/{branch}';
  const reply = await client.ask(route, { branch }, shapes.Branch, { expect: [404], signal });
  // For a branch that was renamed GitHub leads on to its new name: that is another one.
  if (reply.kind !== 'ok' || reply.data.name !== branch) return null;
  return { tip: reply.data.commit.sha, isProtected: reply.data.protected };
}

/** Why there is no such branch; throws when nothing of the repository can be seen. */
export async function branchMissing(
  client: GithubClient,
  branch: string,
  signal: AbortSignal | undefined,
): Promise<Refusal> {
  await client.mustSee(signal);
  return new Refusal('branch-missing', { branch, remote: client.web });
}
