import type { Sha } from '../../../../domain/release/release.ts';
import { Lru } from '../../lru.ts';
import type { GitCommit, ListedCommit } from '../api/shapes.ts';

const KEPT = 2_000;

/** Commits that GitHub has told of. What an id names never changes. */
export class KnownCommits {
  readonly #told = new Lru<GitCommit>(KEPT);
  /** Ids of commits that GitHub has made for this process: nothing can be older of what is recorded of them. */
  readonly #made = new Lru<true>(KEPT);

  get(sha: Sha): GitCommit | undefined {
    return this.#told.get(sha);
  }

  keep(commit: GitCommit): void {
    this.#told.set(commit.sha, commit);
  }

  keepListed(commits: readonly ListedCommit[]): void {
    for (const { sha, commit, parents } of commits) {
      const { message, tree, verification } = commit;
      this.keep({ sha, message, tree, parents, ...(verification ? { verification } : {}) });
    }
  }

  made(commit: GitCommit): void {
    this.keep(commit);
    this.#made.set(commit.sha, true);
  }

  wasMadeHere(sha: Sha): boolean {
    return this.#made.has(sha);
  }
}
