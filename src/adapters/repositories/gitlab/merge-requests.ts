import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { ChangeRequest } from '../requests/host.ts';
import { type GitlabClient, GitlabTime } from './client.ts';
import { GitlabPipeline } from './pipelines.ts';

/** @see https://docs.gitlab.com/api/merge_requests/ */
const MergeRequest = z.object({
  iid: z.int(),
  web_url: z.string(),
  target_branch: z.string(),
  /** Another one than that of the target for a branch of a fork; null once that is gone. */
  source_project_id: z.int().nullish(),
  target_project_id: z.int().nullish(),
  created_at: GitlabTime,
  /** opened, closed, locked (while it is merged), merged */
  state: z.string(),
  /** Head of the source branch as GitLab has seen it. */
  sha: z.string().nullish(),
  merge_commit_sha: z.string().nullish(),
  squash_commit_sha: z.string().nullish(),
  detailed_merge_status: z.string().nullish(),
  merge_error: z.string().nullish(),
  head_pipeline: GitlabPipeline.nullish(),
  user: z.object({ can_merge: z.boolean().nullish() }).nullish(),
});

const Approvals = z.object({ approvals_left: z.int().nullish() });
/** Absent where there is no licence for them. @see https://docs.gitlab.com/api/projects/#get-a-single-project */
const Project = z.object({ merge_trains_enabled: z.boolean().nullish() });
const Notes = z.array(z.object({ body: z.string(), system: z.boolean().nullish() }));
/** @see https://docs.gitlab.com/api/merge_trains/ */
const Car = z.object({
  status: z.string(),
  merge_request: z.object({ iid: z.int() }),
});

/** Why GitLab does not do what was asked; `isForGood`: it will not do it for this account. */
export interface GitlabNo {
  readonly refused: string;
  readonly isForGood: boolean;
}

export interface GitlabRequest extends ChangeRequest {
  readonly base: string;
  /** ms since the epoch */
  readonly openedAt: number | null;
  /** GitLab's word for what is between it and its base: `mergeable`, `not_approved`, `checking`, … */
  readonly status: string;
  readonly pipeline: GitlabPipeline | null;
  /** Whether the account of the token may merge it. */
  readonly mayMerge: boolean;
  readonly error: string | null;
}

/** Merge requests from branches of the same project. */
export class GitlabMergeRequests {
  readonly #client: GitlabClient;

  constructor(client: GitlabClient) {
    this.#client = client;
  }

  /** The newest from a branch, open or not; anybody may have one from a branch of that name in a fork. */
  async from(head: string, base: string): Promise<GitlabRequest | null> {
    const pages = this.#client.pages({
      path: '/merge_requests',
      query: {
        source_branch: head,
        target_branch: base,
        state: 'all',
        scope: 'all',
        order_by: 'created_at',
        sort: 'desc',
        per_page: '20',
      },
      reply: z.array(MergeRequest),
      doing: 'list merge requests',
    });
    for await (const page of pages) {
      const newest = page.find((one) => one.source_project_id === one.target_project_id);
      if (newest !== undefined) return toRequest(newest);
    }
    return null;
  }

  async get(number: number): Promise<GitlabRequest> {
    const doing = `read the merge request !${number}`;
    return toRequest(
      await this.#client.get({ path: `/merge_requests/${number}`, reply: MergeRequest, doing }),
    );
  }

  /** One that exists already is answered with (409). */
  async open(request: {
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<GitlabRequest> {
    const { head, base, title, body: description } = request;
    const made = this.#client.get({
      method: 'POST',
      path: '/merge_requests',
      body: { source_branch: head, target_branch: base, title, description },
      reply: MergeRequest,
      doing: `open a merge request from ${head}`,
    });
    return made.then(toRequest, async (error: unknown) => {
      const there = error instanceof Refusal ? await this.from(head, base) : null;
      if (there?.state === 'open') return there;
      throw error;
    });
  }

  async close(number: number): Promise<void> {
    const path = `/merge_requests/${number}`;
    const body = { state_event: 'close' };
    const doing = `close the merge request !${number}`;
    await this.#client.get({ method: 'PUT', path, body, reply: MergeRequest, doing });
  }

  /** What became of it, or why GitLab does not merge it now; that it answers does not say that it has merged. */
  async merge(
    number: number,
    how: { readonly head: Sha; readonly squash: boolean; readonly message: string },
  ): Promise<GitlabRequest | GitlabNo> {
    const { head: sha, squash, message } = how;
    const asked = this.#client.get({
      method: 'PUT',
      path: `/merge_requests/${number}/merge`,
      body: {
        sha,
        squash,
        merge_commit_message: message,
        ...(squash ? { squash_commit_message: message } : {}),
      },
      reply: MergeRequest,
      doing: `merge !${number}`,
    });
    return asked.then(toRequest, refusedIn);
  }

  /** How many approvals are missing; null where GitLab has no such thing. */
  async approvalsLeft(number: number): Promise<number | null> {
    const found = await this.#client.find({
      path: `/merge_requests/${number}/approvals`,
      reply: Approvals,
      doing: `read the approvals of !${number}`,
    });
    return found?.approvals_left ?? null;
  }

  /**
   * Those that are about to be merged into a branch by its merge train, first one first; null where the project has no
   * merge trains: GitLab shows an empty one then.
   */
  async train(
    branch: string,
  ): Promise<readonly { readonly number: number; readonly status: string }[] | null> {
    const project = await this.#client.get({ path: '', reply: Project, doing: 'read the project' });
    if (project.merge_trains_enabled !== true) return null;
    const cars = await this.#client.list({
      path: `/merge_trains/${encodeURIComponent(branch)}`,
      query: { scope: 'active', sort: 'asc' },
      reply: z.array(Car),
      doing: 'read the merge train',
    });
    return cars.map(({ status, merge_request: { iid } }) => ({ number: iid, status }));
  }

  /** Puts it on the train as long as its head is this commit, with `later` once its checks have passed; null when GitLab does. */
  async board(
    number: number,
    how: { readonly head: Sha; readonly squash: boolean; readonly later?: boolean },
  ): Promise<GitlabNo | null> {
    const { head: sha, squash, later } = how;
    const asked = this.#client.get({
      method: 'POST',
      path: `/merge_trains/merge_requests/${number}`,
      body: { sha, squash, ...(later ? { auto_merge: true } : {}) },
      reply: z.unknown(),
      doing: `put !${number} on the merge train`,
    });
    return asked.then(() => null, refusedIn);
  }

  /** Why GitLab took it off the train, when that is the last that happened to it there; else null. */
  async thrownOff(number: number): Promise<string | null> {
    const notes = await this.#client.get({
      path: `/merge_requests/${number}/notes`,
      query: { sort: 'desc', order_by: 'created_at', per_page: '100' },
      reply: Notes,
      doing: `read the notes of !${number}`,
    });
    const last = notes.find(({ system, body }) => system && /merge train/i.test(body))?.body ?? '';
    const [, reason] = /^(?:removed|aborted) .{0,80}merge train(?: because (.{0,500}))?/is.exec(last) ?? [];
    return /^(?:removed|aborted) /i.test(last) ? (reason ?? 'it does not say why') : null;
  }
}

/** GitLab answers 401 to whoever may not merge, and 400, 405, 406, 409 and 422 to what cannot be merged now. */
function refusedIn(error: unknown): GitlabNo {
  const codes = ['platform-refused', 'platform-forbidden', 'repository-auth'];
  if (!(error instanceof Refusal) || !codes.includes(error.code)) throw error;
  const { said, reason, status } = error.facts;
  return { refused: String(said || reason || status), isForGood: error.code !== 'platform-refused' };
}

function toRequest(found: z.infer<typeof MergeRequest>): GitlabRequest {
  const { iid, web_url, state, sha, merge_commit_sha, squash_commit_sha } = found;
  const isMerged = state === 'merged';
  return {
    number: iid,
    url: web_url,
    state: isMerged ? 'merged' : state === 'closed' ? 'closed' : 'open',
    head: sha ?? '',
    base: found.target_branch,
    openedAt: found.created_at,
    // Merged fast-forward it has no other commit than its own.
    merged: isMerged ? (merge_commit_sha ?? squash_commit_sha ?? sha ?? null) : null,
    status: found.detailed_merge_status ?? '',
    pipeline: found.head_pipeline ?? null,
    mayMerge: found.user?.can_merge !== false,
    error: found.merge_error ?? null,
  };
}
