import { z } from 'zod';
import { Refusal } from '../../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClient } from '../api/client.ts';

/** Null once a fork is gone. */
const Home = z.object({ full_name: z.string() }).nullish();
const Pull = z.object({
  number: z.number(),
  html_url: z.string(),
  state: z.string(),
  created_at: z.string(),
  body: z.string().nullable().optional(),
  merged_at: z.string().nullable().optional(),
  merge_commit_sha: z.string().nullable().optional(),
  head: z.object({ sha: z.string(), ref: z.string(), repo: Home }),
  base: z.object({ repo: Home }),
  mergeable_state: z.string().optional(),
});
const PullList = z.array(Pull);
const Merged = z.object({ sha: z.string(), merged: z.boolean() });

/** What GitHub says of a branch that it does not see yet. */
const UNSEEN = /\bhead(?: sha)? invalid\b|not all refs are readable/i;

export type MergeMethod = 'merge' | 'squash' | 'rebase';

export interface PullRequest {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  readonly head: Sha;
  /** What it became on its base; null while it is not merged. */
  readonly merged: Sha | null;
  /** ms since the epoch */
  readonly createdAt: number;
  /** GitHub's word for whether it can be merged now: `clean`, `blocked`, `dirty`, …; empty in lists. */
  readonly mergeable: string;
}

/** Pull requests from branches of the same repository. */
export class GithubPullRequests {
  readonly #client: GithubClient;

  constructor(client: GithubClient) {
    this.#client = client;
  }

  /** The newest from a branch, open or not; the owner may have one from a branch of that name in a fork. */
  async from(head: string, base: string): Promise<PullRequest | null> {
    const pages = this.#client.pages(
      'GET /repos/{owner}/{repo}/pulls',
      { head: `${this.#client.owner}:${head}`, base, state: 'all', per_page: 10 },
      PullList,
    );
    for await (const page of pages) {
      const newest = page.find((pull) => pull.head.repo?.full_name === pull.base.repo?.full_name);
      if (newest) return toPullRequest(newest);
    }
    return null;
  }

  async get(number: number): Promise<PullRequest> {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    return toPullRequest(await this.#client.get(route, { pull_number: number }, Pull));
  }

  /** One that exists already is answered with. Throws Unavailable while GitHub does not see the branch yet. */
  async open(request: {
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<PullRequest> {
    const reply = await this.#client.send('POST /repos/{owner}/{repo}/pulls', { ...request }, Pull, {
      expect: [422],
    });
    if (reply.kind === 'ok') return toPullRequest(reply.data);
    const there = await this.from(request.head, request.base);
    if (there?.state === 'open') return there;
    if (UNSEEN.test(reply.message)) this.#client.lag.mustBeOver(`the branch ${request.head}`);
    const what = `a pull request from ${request.head}`;
    throw new Refusal('github-refused', { repository: this.#client.name, what, reason: reply.message });
  }

  async close(number: number): Promise<void> {
    const route = 'PATCH /repos/{owner}/{repo}/pulls/{pull_number}';
    await this.#client.send(route, { pull_number: number, state: 'closed' }, Pull, { again: true });
  }

  /** The commit on the base, or why GitHub does not merge it now. */
  async merge(
    number: number,
    how: {
      readonly head: Sha;
      readonly method: MergeMethod;
      readonly title: string;
      readonly message: string;
    },
  ): Promise<{ readonly sha: Sha } | { readonly refused: string }> {
    const reply = await this.#client.send(
      'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
      {
        pull_number: number,
        sha: how.head,
        merge_method: how.method,
        // A rebase keeps the commits as they are.
        ...(how.method === 'rebase' ? {} : { commit_title: how.title, commit_message: how.message }),
      },
      Merged,
      { expect: [405, 409, 422] },
    );
    return reply.kind === 'ok' ? { sha: reply.data.sha } : { refused: reply.message };
  }
}

function toPullRequest(pull: z.infer<typeof Pull>): PullRequest {
  const isMerged = (pull.merged_at ?? null) !== null;
  return {
    number: pull.number,
    url: pull.html_url,
    state: isMerged ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
    head: pull.head.sha,
    merged: isMerged ? (pull.merge_commit_sha ?? null) : null,
    createdAt: Date.parse(pull.created_at),
    mergeable: pull.mergeable_state ?? '',
  };
}
