import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { Lru } from '../lru.ts';
import type { GithubClient } from './api/client.ts';

/** Branches that are asked about one by one, when the newest hundred activities of the repository do not reach back. */
const MOST_ALONE = 10;

const Activities = z.array(
  z.object({
    ref: z.string(),
    timestamp: z.string(),
    activity_type: z.string(),
    actor: z.object({ login: z.string() }).nullable().optional(),
  }),
);
type Activity = z.infer<typeof Activities>[number];

/** A pull request that was merged. */
interface Merged {
  readonly number: number;
  readonly created_at?: string | undefined;
  readonly merged_at?: string | null | undefined;
  readonly head: { readonly ref: string; readonly repo?: { readonly full_name: string } | null | undefined };
}

/**
 * Who pushed to the branches of pull requests, by the activity of the repository: one request for all of them, and one for
 * each branch that this does not reach back to. What is merged stays, so answers are kept.
 */
export class GithubPushers {
  readonly #client: GithubClient;
  readonly #known = new Lru<readonly string[]>(1_000);

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** By number. Null: not told, as for a branch of a fork, or where the login may not read it. */
  async of(pulls: readonly Merged[]): Promise<ReadonlyMap<number, readonly string[] | null>> {
    const own = pulls.filter(({ head }) => head.repo !== null && this.#isOwn(head.repo?.full_name));
    const open = own.filter(({ number }) => this.#known.get(`${number}`) === undefined);
    const newest = open.length > 0 ? await this.#activities({}) : null;
    let alone = 0;
    for (const pull of newest === null ? [] : open) {
      const pushers =
        pushersIn(newest ?? [], pull) ??
        (++alone > MOST_ALONE ? null : pushersIn(await this.#of(pull), pull));
      if (pushers !== null) this.#known.set(`${pull.number}`, pushers);
    }
    return new Map(own.map(({ number }) => [number, this.#known.get(`${number}`) ?? null]));
  }

  #isOwn(repository: string | undefined): boolean {
    return repository === undefined || repository.toLowerCase() === this.#client.name.toLowerCase();
  }

  async #of({ head }: Merged): Promise<readonly Activity[]> {
    return (await this.#activities({ ref: `refs/heads/${head.ref}`, time_period: 'year' })) ?? [];
  }

  /** Newest first; null where the login may not read them, and on servers that have no such thing. */
  async #activities(more: Readonly<Record<string, string>>): Promise<readonly Activity[] | null> {
    try {
      const params = { per_page: 100, ...more };
      const reply = await this.#client.ask('GET /repos/{owner}/{repo}/activity', params, Activities, {
        expect: [403, 404, 422],
      });
      return reply.kind === 'ok' ? reply.data : null;
    } catch (error) {
      if (error instanceof Refusal) return null;
      throw error;
    }
  }
}

/**
 * Everybody who pushed to the branch from when it was made until the merge; null when that is not all there. One that was made
 * while the pull request was open is one that was deleted and restored: it has the commits of whoever pushed before.
 */
function pushersIn(
  newestFirst: readonly Activity[],
  { head, created_at = '', merged_at }: Merged,
): readonly string[] | null {
  const opened = Date.parse(created_at);
  const until = Date.parse(merged_at ?? '');
  const pushers = new Set<string>();
  for (const { ref, timestamp, activity_type: type, actor } of newestFirst) {
    const at = Date.parse(timestamp);
    if (ref !== `refs/heads/${head.ref}` || at > until || type === 'branch_deletion') continue;
    // An account that is gone could be anybody's.
    if (!actor) return null;
    pushers.add(actor.login);
    if (type === 'branch_creation' && at <= opened) return [...pushers];
  }
  return null;
}
