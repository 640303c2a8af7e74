import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { GithubClient } from './api/client.ts';
import { Lru } from './api/lru.ts';

/** Each costs a request, once. */
const MOST_COMMITS = 100;

const Pulls = z.array(
  z.object({
    merged_at: z.string().nullable().optional(),
    base: z.object({ ref: z.string() }),
    user: z.object({ login: z.string() }).nullable().optional(),
  }),
);

/** Who opened the pull requests that brought commits to a branch. What is merged stays, so answers are kept. */
export class GithubOpeners {
  readonly #client: GithubClient;
  readonly #known = new Lru<readonly string[]>(5_000);

  constructor(client: GithubClient) {
    this.#client = client;
  }

  async of(commits: readonly Sha[], branch: string): Promise<ReadonlyMap<Sha, readonly string[]>> {
    const asked = commits.slice(0, MOST_COMMITS);
    return new Map(
      await Promise.all(asked.map(async (sha) => [sha, await this.#openersOf(sha, branch)] as const)),
    );
  }

  /** Nobody for a commit that came without a pull request. */
  async #openersOf(commit: Sha, branch: string): Promise<readonly string[]> {
    const key = `${commit} ${branch}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const pulls = await this.#pullsOf(commit);
    const merged = pulls.filter(({ merged_at, base }) => merged_at && base.ref === branch);
    const openers = merged.flatMap(({ user }) => (user ? [user.login] : []));
    if (openers.length > 0) this.#known.set(key, openers);
    return openers;
  }

  /** None where the login may not read pull requests: what is not known is nobody's excuse. */
  async #pullsOf(commit: Sha): Promise<z.infer<typeof Pulls>> {
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
