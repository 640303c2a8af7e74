import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { path } from '../../shared/platform/api.ts';
import { Lru } from '../lru.ts';
import type { GitlabClient } from './client.ts';

/** Each costs a request, once. */
const MOST_COMMITS = 100;

/** @see https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit */
const Merged = z.array(
  z.object({
    state: z.string(),
    target_branch: z.string(),
    author: z.object({ username: z.string() }).nullish(),
  }),
);

/** Who opened the merge requests that brought commits to a branch. What is merged stays, so answers are kept. */
export class GitlabOpeners {
  readonly #client: GitlabClient;
  readonly #known = new Lru<readonly string[]>(5_000);

  constructor(client: GitlabClient) {
    this.#client = client;
  }

  async of(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>> {
    const asked = commits.slice(0, MOST_COMMITS);
    return new Map(await Promise.all(asked.map(async (sha) => [sha, await this.#of(sha, branch)] as const)));
  }

  /** None for a commit that came without a merge request, or where the token may not read them. */
  async #of(commit: Sha, branch: string): Promise<readonly string[]> {
    const key = `${commit} ${branch}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#client.get({
      path: path`/repository/commits/${commit}/merge_requests`,
      reply: Merged,
      doing: 'read the merge requests of a commit',
    });
    const all = (await this.#client.unless(['platform-forbidden', 'platform-not-found'], asked)) ?? [];
    const openers = all
      .filter(({ state, target_branch: target }) => state === 'merged' && target === branch)
      .flatMap(({ author }) => author?.username ?? []);
    if (openers.length > 0) this.#known.set(key, openers);
    return openers;
  }
}
