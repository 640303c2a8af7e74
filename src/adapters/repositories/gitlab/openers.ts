import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { path } from '../../shared/platform/api.ts';
import { Lru } from '../lru.ts';
import { Semaphore } from '../semaphore.ts';
import { type GitlabClient, GitlabTime } from './client.ts';
import { GitlabPushers, type MergedRequest } from './pushers.ts';

/** Each costs a request, once. */
const MOST_COMMITS = 100;
const CONCURRENT = 8;
/** GitLab gives what a deleted account has opened to this one: whose it was, nobody knows. */
const GHOST = /^ghost\d*$/i;

/** @see https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit */
const Associated = z.array(
  z.object({
    iid: z.int(),
    state: z.string(),
    target_branch: z.string(),
    source_branch: z.string(),
    target_project_id: z.int().nullish(),
    source_project_id: z.int().nullish(),
    sha: z.string().nullish(),
    created_at: GitlabTime,
    merged_at: GitlabTime,
    author: z.object({ username: z.string() }).nullish(),
  }),
);

interface Opened extends MergedRequest {
  /** Null: nobody knows. */
  readonly by: string | null;
}

/** Who opened the merge requests that brought commits to a branch, and who pushed to them. What is merged stays, so answers are kept. */
export class GitlabOpeners {
  readonly #client: GitlabClient;
  readonly #known = new Lru<readonly Opened[]>(5_000);
  readonly #pushers: GitlabPushers;
  readonly #turns = new Semaphore(CONCURRENT);

  constructor(client: GitlabClient) {
    this.#client = client;
    this.#pushers = new GitlabPushers(client);
  }

  async of(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>> {
    const merged = await this.#merged(commits, branch);
    return new Map([...merged].map(([sha, requests]) => [sha, requests.flatMap(({ by }) => by ?? [])]));
  }

  /** Null for commits whose pushers GitLab does not tell; none for those that came without a merge request. */
  async pushersOf(
    commits: readonly Sha[],
    branch: string,
  ): Promise<ReadonlyMap<Sha, readonly string[] | null>> {
    const merged = await this.#merged(commits, branch);
    const requests = new Map([...merged.values()].flat().map((request) => [request.number, request]));
    const pushers = await this.#pushers.of([...requests.values()]);
    return new Map(
      [...merged].map(([sha, own]) => {
        const found = own.map(({ number }) => pushers.get(number) ?? null);
        return [sha, found.includes(null) ? null : found.flatMap((accounts) => accounts ?? [])];
      }),
    );
  }

  /** The merge requests of each commit that were merged into the branch. */
  async #merged(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly Opened[]>> {
    const asked = commits.slice(0, MOST_COMMITS);
    return new Map(
      await Promise.all(asked.map(async (sha) => [sha, await this.#mergedOf(sha, branch)] as const)),
    );
  }

  /** None for a commit that came without a merge request, or where the token may not read them. */
  async #mergedOf(commit: Sha, branch: string): Promise<readonly Opened[]> {
    const key = `${commit} ${branch}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const asked = this.#turns.run(() =>
      this.#client.list({
        path: path`/repository/commits/${commit}/merge_requests`,
        reply: Associated,
        doing: 'read the merge requests of a commit',
      }),
    );
    const all = (await this.#client.unless(['platform-forbidden', 'platform-not-found'], asked)) ?? [];
    const merged = all
      .filter(({ state, target_branch: target }) => state === 'merged' && target === branch)
      .map(toOpened);
    if (merged.some(({ by }) => by !== null)) this.#known.set(key, merged);
    return merged;
  }
}

function toOpened(found: z.infer<typeof Associated>[number]): Opened {
  const { source_project_id: from, target_project_id: into, author } = found;
  return {
    number: found.iid,
    branch: found.source_branch,
    isFromFork: from == null || from !== into,
    head: found.sha ?? null,
    openedAt: found.created_at,
    mergedAt: found.merged_at,
    by: author && !GHOST.test(author.username) ? author.username : null,
  };
}
