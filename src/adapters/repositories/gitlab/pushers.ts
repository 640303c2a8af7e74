import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import { Lru } from '../lru.ts';
import { type GitlabClient, GitlabTime } from './client.ts';

/** A hundred pushes to the project each; merge requests that begin before them are not told. */
const MOST_PAGES = 20;
const DAY_MS = 24 * 60 * 60_000;
/** What is not told so long after the merge will not be told any more. */
const SETTLED_MS = DAY_MS / 24;
const FORBIDDEN = ['platform-forbidden', 'platform-not-found'] as const;

/** @see https://docs.gitlab.com/api/events/#list-all-visible-events-for-a-project */
const Pushes = z.array(
  z.object({
    id: z.int(),
    created_at: GitlabTime,
    author_username: z.string().nullish(),
    push_data: z
      .object({
        action: z.string(),
        ref_type: z.string(),
        /** Null where one push moved many branches: GitLab then only counts them. */
        ref: z.string().nullish(),
        commit_from: z.string().nullish(),
        commit_to: z.string().nullish(),
      })
      .nullish(),
  }),
);
type Push = z.infer<typeof Pushes>[number];

/** A merge request that was merged. */
export interface MergedRequest {
  readonly number: number;
  readonly branch: string;
  /** Its branch is of another project, or of one that is gone. */
  readonly isFromFork: boolean;
  /** The commit of its branch that was merged. */
  readonly head: Sha | null;
  /** ms since the epoch */
  readonly openedAt: number | null;
  readonly mergedAt: number | null;
}

/**
 * Who pushed to the branches of merge requests, by the pushes to the project: from the commit that was merged back to the
 * push that made the branch. GitLab forgets pushes after three years and with their account, and does not tell what a push
 * of many branches did: each push must lead to where the next one began, or nothing is known. What is merged stays, so
 * answers are kept.
 */
export class GitlabPushers {
  readonly #client: GitlabClient;
  readonly #known = new Lru<{ readonly pushers: readonly string[] | null }>(1_000);

  constructor(client: GitlabClient) {
    this.#client = client;
  }

  /** By number. Null: not told, as for a branch of a fork, or where the token may not read it. */
  async of(merged: readonly MergedRequest[]): Promise<ReadonlyMap<number, readonly string[] | null>> {
    const open = merged.filter(({ number, isFromFork }) => !isFromFork && !this.#known.get(`${number}`));
    const trails = open.flatMap((request) => trailOf(request) ?? []);
    const isTold = trails.length > 0 && (await this.#follow(trails));
    for (const { request, found } of trails) {
      const isSettled = isTold && this.#client.now() - request.mergedAt > SETTLED_MS;
      if (found || isSettled) this.#known.set(`${request.number}`, { pushers: found ?? null });
    }
    return new Map(merged.map(({ number }) => [number, this.#known.get(`${number}`)?.pushers ?? null]));
  }

  /** Whether the token may read them. */
  async #follow(trails: readonly Trail[]): Promise<boolean> {
    const last = Math.max(...trails.map(({ request }) => request.mergedAt));
    const pages = this.#client.pages({
      path: '/events',
      query: {
        action: 'pushed',
        // The beginning of a day where the server is.
        before: new Date(last + 2 * DAY_MS).toISOString().slice(0, 10),
        sort: 'desc',
      },
      reply: Pushes,
      doing: 'list the pushes to the project',
    });
    const told = await this.#client.unless(FORBIDDEN, followAll(pages, trails));
    return told !== null;
  }
}

/** Reads pushes, newest first, until all is known or there are too many. */
async function followAll(pages: AsyncIterable<readonly Push[]>, trails: readonly Trail[]): Promise<'told'> {
  const seen = new Set<number>();
  let read = 0;
  for await (const page of pages) {
    // What was pushed meanwhile moves others onto the next page, where they are again.
    const fresh = page.filter(({ id }) => !seen.has(id));
    for (const push of fresh) {
      seen.add(push.id);
      for (const trail of trails) follow(trail, push);
    }
    if (++read === MOST_PAGES || trails.every(({ found }) => found !== undefined)) break;
  }
  return 'told';
}

/** The pushes to one branch, read from the merge backwards. */
interface Trail {
  readonly request: MergedRequest & { readonly mergedAt: number };
  readonly pushers: Set<string>;
  /** Where the push before must have led to. */
  at: Sha;
  /** Whether the push that led to what was merged has been seen. */
  isBegun: boolean;
  /** The branch was made while the request was open, so it may have been there before. */
  isRemade: boolean;
  /** Null: not told. Absent: older pushes have to be read. */
  found?: readonly string[] | null;
}

function trailOf(request: MergedRequest): Trail | null {
  const { head, mergedAt } = request;
  if (head === null || mergedAt === null) return null;
  const merged = { ...request, mergedAt };
  return { request: merged, pushers: new Set(), at: head, isBegun: false, isRemade: false };
}

function follow(trail: Trail, { created_at: at, author_username: by, push_data: push }: Push): void {
  const { request, pushers } = trail;
  // A tag may be called like the branch.
  if (trail.found !== undefined || push?.ref_type !== 'branch' || push.ref !== request.branch) return;
  if (at === null || at > request.mergedAt) return;
  const { action, commit_from: from, commit_to: to } = push;
  if (trail.isRemade) {
    trail.isRemade = false;
    if (action !== 'removed') trail.found = null;
    else if (from !== trail.at) trail.found = [...pushers];
    return;
  }
  if (!trail.isBegun && to !== trail.at) return;
  trail.isBegun = true;
  // An account that is gone could be anybody's.
  if (to !== trail.at || !by) {
    trail.found = null;
    return;
  }
  pushers.add(by);
  if (action !== 'created') {
    trail.at = from ?? '';
    return;
  }
  // Removed and made again with the same commits, it still has those of whoever pushed before.
  if (request.openedAt !== null && at > request.openedAt) trail.isRemade = true;
  else trail.found = [...pushers];
}
