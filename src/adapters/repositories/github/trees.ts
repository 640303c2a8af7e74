import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { fetchOnce, Lru } from '../lru.ts';
import type { GithubClient } from './api/client.ts';
import type { GithubTreeEntry } from './api/shapes.ts';
import * as shapes from './api/shapes.ts';

/** Entries of all trees that are kept. */
const KEPT_ENTRIES = 500_000;

/** Everything of a tree that is no folder, by path. */
export type Files = ReadonlyMap<string, GithubTreeEntry>;

/** What a commit holds, by its id. That never changes, so it is asked for once and kept. */
export class GithubTrees {
  readonly #client: GithubClient;
  readonly #trees = new Lru<Promise<Files>>(KEPT_ENTRIES);

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** Refusal `commit-unknown`. */
  of(commit: Sha): Promise<Files> {
    checkSha(commit);
    return fetchOnce(
      this.#trees,
      commit,
      () => this.#fetch(commit),
      (files) => files.size + 1,
    );
  }

  has(commit: Sha): boolean {
    return this.#trees.has(commit);
  }

  /** What a commit is known to hold. */
  keep(commit: Sha, files: Files): void {
    this.#trees.set(commit, Promise.resolve(files), files.size + 1);
  }

  async #fetch(commit: Sha): Promise<Files> {
    const whole = await this.#tree(commit, true);
    if (whole === null) throw new Refusal('commit-unknown', { commit });
    const found = new Map<string, GithubTreeEntry>();
    if (whole.truncated) await this.#walk(commit, '', found);
    else for (const entry of whole.tree) if (entry.type !== 'tree') found.set(entry.path, entry);
    return found;
  }

  /** A tree too large for one answer, folder by folder. */
  async #walk(tree: Sha, prefix: string, found: Map<string, GithubTreeEntry>): Promise<void> {
    const here = await this.#tree(tree, false);
    if (here === null) throw new Refusal('commit-unknown', { commit: tree });
    await Promise.all(
      here.tree.map(async (entry) => {
        const path = `${prefix}${entry.path}`;
        if (entry.type !== 'tree') found.set(path, { ...entry, path });
        else await this.#walk(entry.sha, `${path}/`, found);
      }),
    );
  }

  async #tree(treeish: Sha, recursive: boolean) {
    const reply = await this.#client.ask(
      'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
      { tree_sha: treeish, ...(recursive ? { recursive: '1' } : {}) },
      shapes.Tree,
      { expect: [404, 422], fixed: true },
    );
    return reply.kind === 'ok' ? reply.data : null;
  }
}

export function checkSha(commit: Sha): void {
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(commit)) throw new Refusal('commit-unknown', { commit });
}
