import { z } from 'zod';
import type { Asked, Reply, Route } from '../platform/fake-platform.ts';
import type { Pipeline, Pipelines } from './pipelines.ts';
import { type GitlabWorld, PAGED } from './world.ts';

export interface MergeRequest {
  readonly iid: number;
  readonly source: string;
  readonly target: string;
  /** The project of its source branch, where that is a fork. */
  readonly fork?: number;
  readonly title: string;
  readonly description: string;
  state: 'opened' | 'closed' | 'merged' | 'locked';
  /** As long as the source branch is there, its tip. */
  sha: string;
  merge_commit_sha: string | null;
  squash_commit_sha: string | null;
  /** Reads that are still to come until its status is known. */
  looks: number;
  readonly notes: string[];
  created_at: string;
  merge_error: string | null;
}

/** As a list of the merge requests of a commit has it. */
export interface PeoplesRequest {
  readonly iid: number;
  readonly state: string;
  readonly target_branch: string;
  readonly source_branch: string;
  readonly source_project_id: number | null;
  readonly target_project_id: number;
  readonly sha: string;
  readonly created_at: string;
  readonly merged_at: string | null;
  readonly author: { readonly username: string } | null;
}

/** How one is to be merged. */
export interface Merge {
  readonly sha?: string | undefined;
  readonly squash?: boolean | undefined;
  readonly merge_commit_message?: string | undefined;
  readonly squash_commit_message?: string | undefined;
}

const Opened = z.strictObject({
  source_branch: z.string().min(1),
  target_branch: z.string().min(1),
  title: z.string().min(1).max(255),
  description: z.string().max(1_048_576).optional(),
});
const Changed = z.strictObject({ state_event: z.enum(['close', 'reopen']) });
/** How GitLab itself commits. */
export const AS = ['-c', 'user.name=GitLab', '-c', 'user.email=gitlab@gitlab.test'];

/** Merge requests, their approvals, and merge trains. */
export class MergeRequests {
  /** How the project merges. */
  method: 'merge' | 'ff' = 'merge';
  /** So many reads of a new one do not know yet whether it can be merged. */
  slow = 0;
  approvalsLeft = 0;
  /** Instead of what it would be: `discussions_not_resolved`. */
  status: string | null = null;
  mustPass = false;
  mayMerge = true;
  /** Whether requests show what was pushed to their branches already. */
  seesPushes = true;
  /** A pipeline of merged results, whose commit is another one. */
  merged: Pipeline | null = null;
  /** Null: the project has no merge trains. */
  train: number[] | null = null;
  /** Those that go onto the train once their pipeline has passed. */
  readonly boardsLater = new Set<number>();
  /** Why merging fails although nothing speaks against it before. */
  mergeError: string | null = null;
  /** What merging answers with although it could be done. */
  mergeFault: Reply | null = null;
  /** Those that people opened, by a commit that they brought. */
  readonly opened = new Map<string, readonly PeoplesRequest[]>();
  readonly all: MergeRequest[] = [];
  readonly #gitlab: GitlabWorld;
  readonly #pipelines: Pipelines;

  constructor(gitlab: GitlabWorld, pipelines: Pipelines) {
    this.#gitlab = gitlab;
    this.#pipelines = pipelines;
  }

  /** The newest one. */
  get newest(): MergeRequest {
    const found = this.all.at(-1);
    if (!found) throw new Error('there is no merge request');
    return found;
  }

  /** The first on the train is merged. */
  drive(): void {
    const iid = this.train?.shift();
    const found = this.all.find((one) => one.iid === iid);
    if (found) this.merge(found, {});
  }

  throwOff(reason: string): void {
    this.train?.shift();
    this.newest.notes.push(`removed this merge request from the merge train because ${reason}`);
  }

  /** Somebody merges it on its page. */
  byHand(message: string): void {
    this.merge(this.newest, { merge_commit_message: message });
  }

  statusOf(one: MergeRequest): string {
    if (one.state !== 'opened') return 'not_open';
    if (one.looks > 0) return one.looks-- > 1 ? 'preparing' : 'checking';
    if (this.status !== null) return this.status;
    if (this.approvalsLeft > 0) return 'not_approved';
    const pipeline = this.pipelineOf(one);
    const state = pipeline && this.#pipelines.statusOf(pipeline);
    if (this.mustPass && state !== 'success') return state === 'failed' ? 'ci_must_pass' : 'ci_still_running';
    const target = this.#gitlab.remote.tip(one.target) ?? '';
    const isBehind = this.#gitlab.remote.count(`${one.sha}..${target}`) > 0;
    return isBehind && this.method === 'ff' ? 'need_rebase' : 'mergeable';
  }

  pipelineOf(one: MergeRequest): Pipeline | null {
    return this.merged ?? this.#pipelines.all.find(({ sha }) => sha === one.sha) ?? null;
  }

  shown(one: MergeRequest): Readonly<Record<string, unknown>> {
    if (one.state === 'opened' && one.fork === undefined && this.seesPushes)
      one.sha = this.#gitlab.remote.tip(one.source) ?? one.sha;
    const pipeline = this.pipelineOf(one);
    const { iid, source, target, fork = 1, looks: _looks, notes: _notes, ...rest } = one;
    return {
      id: 1_000 + iid,
      iid,
      source_branch: source,
      target_branch: target,
      source_project_id: fork,
      target_project_id: 1,
      ...rest,
      author: this.#gitlab.account,
      web_url: `${this.#gitlab.web}/-/merge_requests/${iid}`,
      detailed_merge_status: this.statusOf(one),
      head_pipeline: pipeline && this.#pipelines.shown(pipeline),
      user: { can_merge: this.mayMerge },
    };
  }

  merge(one: MergeRequest, how: Merge): void {
    const { remote } = this.#gitlab;
    const target = remote.tip(one.target) ?? '';
    const git = (...args: string[]) => remote.git(...AS, ...args);
    const tree =
      remote.count(`${one.sha}..${target}`) > 0
        ? git('merge-tree', '--write-tree', target, one.sha)
        : remote.git('rev-parse', `${one.sha}^{tree}`);
    let head = one.sha;
    if (how.squash) {
      head = git('commit-tree', tree, '-p', target, '-m', how.squash_commit_message ?? one.title);
      one.squash_commit_sha = head;
    }
    if (this.method === 'merge') {
      const message = how.merge_commit_message ?? `Merge branch '${one.source}'`;
      head = git('commit-tree', tree, '-p', target, '-p', head, '-m', message);
      one.merge_commit_sha = head;
    }
    remote.git('update-ref', `refs/heads/${one.target}`, head, target);
    one.state = 'merged';
  }

  one(answer: (one: MergeRequest, asked: Asked) => Reply): Route['answer'] {
    return (asked) => {
      const found = this.all.find(({ iid }) => String(iid) === asked.params['iid']);
      return found ? answer(found, asked) : this.#gitlab.notFound('Merge request');
    };
  }

  /** Of the requests themselves; those that merge are in a file of their own. */
  get routes(): readonly Route[] {
    return [
      {
        method: 'GET',
        path: '/projects/{id}/merge_requests',
        query: z.strictObject({
          ...PAGED,
          source_branch: z.string().optional(),
          target_branch: z.string().optional(),
          state: z.enum(['opened', 'closed', 'locked', 'merged', 'all']).optional(),
          scope: z.enum(['created_by_me', 'assigned_to_me', 'all']).optional(),
          order_by: z.enum(['created_at', 'updated_at', 'title', 'priority']).optional(),
          sort: z.enum(['asc', 'desc']).optional(),
        }),
        answer: (asked) => {
          const { source_branch: source, target_branch: target } = asked.query;
          const found = this.all.filter(
            (one) => (source ?? one.source) === one.source && (target ?? one.target) === one.target,
          );
          // Lists do not know of the pipeline, and what they say of the status may be old.
          const listed = found.toReversed().map((one) => {
            const { head_pipeline: _, user: __, merge_error: ___, ...rest } = this.shown(one);
            return rest;
          });
          return this.#gitlab.page(asked, listed);
        },
      },
      {
        method: 'POST',
        path: '/projects/{id}/merge_requests',
        body: Opened,
        answer: ({ body }) => this.#open(body as z.infer<typeof Opened>),
      },
      {
        method: 'GET',
        path: '/projects/{id}/merge_requests/{iid}',
        answer: this.one((one) => ({ status: 200, body: this.shown(one) })),
      },
      {
        method: 'PUT',
        path: '/projects/{id}/merge_requests/{iid}',
        body: Changed,
        answer: this.one((one) => {
          one.state = 'closed';
          return { status: 200, body: this.shown(one) };
        }),
      },
      {
        method: 'GET',
        path: '/projects/{id}/merge_requests/{iid}/approvals',
        answer: this.one(({ iid }) => ({
          status: 200,
          body: {
            iid,
            approved: this.approvalsLeft === 0,
            approvals_left: this.approvalsLeft,
            approved_by: [],
          },
        })),
      },
      {
        method: 'GET',
        path: '/projects/{id}/merge_requests/{iid}/notes',
        query: z.strictObject({ ...PAGED, sort: z.string().optional(), order_by: z.string().optional() }),
        answer: this.one(({ notes }, asked) =>
          this.#gitlab.page(
            asked,
            notes.toReversed().map((body, id) => ({ id, body, system: true })),
          ),
        ),
      },
    ];
  }

  #open({
    source_branch: source,
    target_branch: target,
    title,
    description = '',
  }: z.infer<typeof Opened>): Reply {
    const sha = this.#gitlab.remote.tip(source);
    if (sha === null) return { status: 400, body: { message: { source_branch: ['does not exist'] } } };
    const other = this.all.find(
      (one) =>
        one.source === source && one.target === target && one.state === 'opened' && one.fork === undefined,
    );
    if (other) {
      const message = [`Another open merge request already exists for this source branch: !${other.iid}`];
      return { status: 409, body: { message } };
    }
    return { status: 201, body: this.shown(this.add({ source, target, title, description, sha })) };
  }

  /** `fork`: from a project of somebody else, where `sha` is. */
  add(
    given: Pick<MergeRequest, 'source' | 'target' | 'title' | 'description' | 'sha' | 'fork'>,
  ): MergeRequest {
    const one: MergeRequest = {
      iid: this.all.length + 1,
      ...given,
      state: 'opened',
      merge_commit_sha: null,
      squash_commit_sha: null,
      looks: this.slow,
      notes: [],
      created_at: new Date().toISOString(),
      merge_error: null,
    };
    this.all.push(one);
    return one;
  }
}
