import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { Lru } from '../lru.ts';
import type { GithubClient } from './api/client.ts';
import { GithubPushers } from './pushers.ts';

/** Each costs a request, once. */
const MOST_COMMITS = 100;

const Account = z.object({ login: z.string() }).nullable().optional();
const Pulls = z.array(
  z.object({
    number: z.number(),
    created_at: z.string().optional(),
    merged_at: z.string().nullable().optional(),
    base: z.object({ ref: z.string() }),
    /** `repo` is null where the fork is gone. */
    head: z.object({ ref: z.string(), repo: z.object({ full_name: z.string() }).nullable().optional() }),
    user: Account,
  }),
);
type Pull = z.infer<typeof Pulls>[number];

/** Who opened the pull requests that brought commits to a branch, and who pushed to them. What is merged stays, so answers are kept. */
export class GithubOpeners {
  readonly #client: GithubClient;
  readonly #known = new Lru<readonly Pull[]>(5_000);
  readonly #pushers: GithubPushers;

  constructor(client: GithubClient) {
    this.#client = client;
    this.#pushers = new GithubPushers(client);
  }

  async of(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>> {
    const merged = await this.#merged(commits, branch);
    return new Map(
      [...merged].map(([sha, pulls]) => [sha, pulls.flatMap(({ user }) => (user ? [user.login] : []))]),
    );
  }

  /** Null for commits whose pushers GitHub does not tell; none for those that came without a pull request. */
  async pushersOf(
    commits: readonly Sha[],
    branch: string,
  ): Promise<ReadonlyMap<Sha, readonly string[] | null>> {
    const merged = await this.#merged(commits, branch);
    const pulls = new Map([...merged.values()].flat().map((pull) => [pull.number, pull]));
    const pushers = await this.#pushers.of([...pulls.values()]);
    return new Map(
      [...merged].map(([sha, own]) => {
        const found = own.map(({ number }) => pushers.get(number) ?? null);
        return [sha, found.includes(null) ? null : found.flatMap((accounts) => accounts ?? [])];
      }),
    );
  }

  /** The pull requests of each commit that were merged into the branch. */
  async #merged(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly Pull[]>> {
    const asked = commits.slice(0, MOST_COMMITS);
    return new Map(
      await Promise.all(asked.map(async (sha) => [sha, await this.#mergedOf(sha, branch)] as const)),
    );
  }

  /** None for a commit that came without a pull request. */
  async #mergedOf(commit: Sha, branch: string): Promise<readonly Pull[]> {
    const key = `${commit} ${branch}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const pulls = await this.#pullsOf(commit);
    const merged = pulls.filter(({ merged_at, base }) => merged_at && base.ref === branch);
    if (merged.some(({ user }) => user)) this.#known.set(key, merged);
    return merged;
  }

  /** None where the login may not read pull requests: what is not known is nobody's excuse. */
  async #pullsOf(commit: Sha): Promise<readonly Pull[]> {
    try {
      const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls';
      const params = { commit_sha: commit, per_page: 100 };
      const reply = await this.#client.ask(route, params, Pulls, { expect: [404, 409, 422] });
      return reply.kind === 'ok' ? reply.data : [];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  }
}
