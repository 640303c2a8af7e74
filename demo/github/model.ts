import type { Caller } from './access.ts';
import type { ActionsRunner } from './actions/runner.ts';
import type { Issue, Status } from './records.ts';
import type { ObjectStore } from './store.ts';

/** An answer that is an error, in GitHub's words. */
export class GithubError extends Error {
  readonly status: number;
  readonly errors: readonly unknown[] | undefined;

  constructor(status: number, message: string, errors?: readonly unknown[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export interface Check {
  readonly id: number;
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: string | null;
  readonly url: string;
  readonly startedAt: number;
}

/** What guards a branch. Rules that the caller may bypass are listed all the same, as GitHub does. */
export interface Rule {
  readonly id: number;
  readonly name: string;
  /** A name, or `~ALL`. */
  readonly branch: string;
  readonly type:
    | 'creation'
    | 'branch_name_pattern'
    | 'pull_request'
    | 'required_status_checks'
    | 'update'
    | 'non_fast_forward'
    | 'required_linear_history'
    | 'merge_queue'
    | 'required_signatures'
    | 'commit_message_pattern'
    | 'commit_author_email_pattern';
  /** Of a rule about metadata, or of pull requests. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly contexts: readonly string[];
  readonly bypass: 'always' | 'pull_requests_only' | 'never';
  /** Branch protection of the old kind: GitHub shows only administrators what it asks for. */
  readonly classic?: boolean;
}

/** A ruleset of tags, of the repository or of its owner. */
export interface TagRuleset {
  readonly id: number;
  readonly name: string;
  /** Full refs; a star at the end stands for anything but a slash. */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rules: readonly {
    readonly type: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
  }[];
  bypass: 'always' | 'pull_requests_only' | 'never' | 'exempt';
  enforcement: 'active' | 'evaluate' | 'disabled';
}

export interface Release {
  readonly id: number;
  tag: string;
  name: string;
  body: string;
  draft: boolean;
  prerelease: boolean;
  /** The one of the repository that its page shows first. */
  latest?: boolean;
  readonly createdAt: number;
  /** Published while releases were immutable: only title and notes can be changed, and its tag not at all. */
  readonly immutable?: boolean;
}

export interface DeploymentStatus {
  readonly id: number;
  readonly state: string;
  readonly description: string;
  readonly environment: string;
  readonly logUrl: string;
  readonly environmentUrl: string;
  readonly createdAt: number;
}

export interface Deployment {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly description: string | null;
  readonly payload: unknown;
  readonly production: boolean;
  readonly createdAt: number;
  readonly statuses: DeploymentStatus[];
}

export interface Pull {
  readonly number: number;
  title: string;
  body: string;
  readonly head: string;
  readonly base: string;
  state: 'open' | 'closed';
  merged: boolean;
  mergeCommit: string | null;
  /** Tip of the head when the pull request was closed or merged. */
  lastHead: string;
  readonly createdAt: number;
  /** Account that opened it, and made its branch; none for one that is gone. */
  readonly by?: string;
  /** Full name of the fork that it comes from. */
  readonly fork?: string;
  /** Comings and goings in the merge queue; `reason` only of going. */
  queueEvents?: readonly { readonly reason?: string | null }[];
}

/** One that waits in the merge queue of its base. */
interface Queued {
  readonly pull: Pull;
  state: 'QUEUED' | 'AWAITING_CHECKS' | 'MERGEABLE' | 'UNMERGEABLE' | 'LOCKED';
}

/** Somebody pushed to a branch. */
export interface Push {
  readonly branch: string;
  readonly type: 'push' | 'force_push' | 'branch_creation' | 'branch_deletion';
  /** Account; none for one that is gone. */
  readonly by?: string;
  readonly at: number;
}

/** Everything of a repository that is not git. */
export interface RepositoryState {
  readonly fullName: string;
  readonly store: ObjectStore;
  readonly actions: ActionsRunner;
  readonly checks: Map<string, Check[]>;
  readonly statuses: Map<string, Status[]>;
  readonly rules: Rule[];
  readonly tagRulesets: TagRuleset[];
  readonly releases: Release[];
  readonly deployments: Deployment[];
  readonly pulls: Pull[];
  readonly issues: Issue[];
  /** Pull requests in merge queues, first come first. */
  readonly mergeQueue: Queued[];
  /** What was pushed to branches, besides the pushes that made those of pull requests. */
  readonly pushes: Push[];
  /** How many of the newest activities are known at all. */
  activityReach: number;
  /** Accounts by e-mail address. */
  readonly accounts: Map<string, string>;
  /** Commits whose signature is good. */
  readonly signed: Set<string>;
  /** Checks that begin by themselves on a commit that a branch of a pull request gets. */
  onPullHead: (sha: string) => void;
  /** Until when GraphQL is not answered, in ms since the epoch; 0 without a limit. */
  graphqlLimitedUntil: number;
  /** Whether releases that are published from now on are immutable. */
  immutableReleases: boolean;
  /** How pull requests may be merged. */
  readonly mergeMethods: Set<'merge' | 'squash' | 'rebase'>;
  defaultBranch: string;
  /** Branches that were renamed: by what they were called. */
  readonly renamed: Map<string, string>;
  private: boolean;
  nextId(): number;
}

export interface Call {
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  readonly repository: RepositoryState;
  readonly caller: Caller;
  /** Base of the API and of the web pages. */
  readonly api: string;
  readonly web: string;
  /** ms since the epoch */
  readonly now: number;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of a JSON body. */
  readonly bytes?: Buffer;
}

type Handler = (call: Call) => Answer | Promise<Answer>;
export type Routes = Readonly<Record<string, Handler>>;

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });

const DOCUMENTATION = 'https://docs.github.com/rest';

export function refused(status: number, message: string, headers: Answer['headers'] = {}): Answer {
  return { status, headers, body: { message, documentation_url: DOCUMENTATION, status: String(status) } };
}

/** The answer to a request that a route found something wrong with. */
export function answerOf({ status, message, errors }: GithubError): Answer {
  return { status, body: { message, ...(errors ? { errors } : {}), documentation_url: DOCUMENTATION } };
}

/** One page of a list, with the Link header when there are more. */
export function paged(
  call: Call,
  items: readonly unknown[],
  wrap: (page: readonly unknown[]) => unknown = (page) => page,
): Answer {
  const size = Math.min(100, Number(call.query['per_page'] ?? 30));
  const page = Number(call.query['page'] ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link =
    page < last
      ? { link: `<${call.api}/?page=${page + 1}>; rel="next", <${call.api}/?page=${last}>; rel="last"` }
      : {};
  return { status: 200, body: wrap(items.slice((page - 1) * size, page * size)), headers: link };
}

export function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
