import { Refusal } from '../../../domain/refusals/refusal.ts';
import { withTrailer } from '../../../domain/release/message.ts';
import type { Sha } from '../../../domain/release/release.ts';
import type { Identity, NewCommit } from '../commit.ts';
import type { Clone } from '../git/clone.ts';
import type { Signer } from '../git/signing/signer.ts';
import { pushFailure } from '../git/writing/push-failure.ts';
import { type PushRule, pushRuleOf } from '../push-rule.ts';
import type { ChangeRequest, Protection, RequestHost, WaitingRelease } from '../requests/host.ts';
import { abandon, factsOf, mustHavePassed, releaseBranch, waits } from '../requests/release-request.ts';
import { checksOf, checksOfPipeline } from './checks.ts';
import type { GitlabClient } from './client.ts';
import { GitlabMergeRequests, type GitlabNo, type GitlabRequest } from './merge-requests.ts';
import { protectionOf } from './rules.ts';

/** GitLab looks at a merge request that is new, or was pushed to; that takes it seconds. */
const LOOKING = ['unchecked', 'checking', 'preparing', 'approvals_syncing', ''];
const LOOK_SOON_MS = 3_000;

/** What keeps a merge request from its base, in words. @see https://docs.gitlab.com/api/merge_requests/#merge-status */
const KEPT_BY: Readonly<Record<string, string>> = {
  ci_must_pass: 'its pipeline must pass',
  ci_still_running: 'its pipeline is running',
  discussions_not_resolved: 'its threads must be resolved',
  draft_status: 'it is a draft',
  requested_changes: 'a reviewer has requested changes',
  status_checks_must_pass: 'its external status checks must pass',
  merge_request_blocked: 'another merge request must be merged before it',
  jira_association_missing: 'its title must name a Jira issue',
  locked_paths: 'files of it are locked by somebody',
  locked_lfs_files: 'files of it are locked by somebody',
  security_policy_violations: 'a security policy is not met',
  title_regex: 'its title must match what the project wants',
  merge_time: 'it may be merged only later',
  need_rebase: 'its branch must be rebased',
  conflict: 'it conflicts with its branch',
};

/** Rules that GitLab holds the commits of a merge against only when it makes them. */
const OF_COMMITS: readonly PushRule[] = ['sign-off', 'signature', 'message', 'identity'];
/** A merge train takes nothing without a pipeline; so long one may be on its way. */
const PIPELINE_COMES_MS = 5 * 60_000;

/** Merge requests of Slipway on GitLab; their commits are made and pushed by git. */
export class GitlabRequestHost implements RequestHost {
  readonly name = 'GitLab';
  readonly noun = 'merge request';
  readonly sign = '!';
  readonly trees: Clone;
  readonly #client: GitlabClient;
  readonly #clone: Clone;
  readonly #requests: GitlabMergeRequests;
  readonly #hand: { readonly committer: Identity; readonly signer: Signer | null };
  readonly #squash: boolean;

  constructor(
    client: GitlabClient,
    clone: Clone,
    hand: { readonly committer: Identity; readonly signer: Signer | null },
    squash: boolean,
  ) {
    this.trees = clone;
    this.#client = client;
    this.#clone = clone;
    this.#requests = new GitlabMergeRequests(client);
    this.#hand = hand;
    this.#squash = squash;
  }

  async protectionOf(branch: string): Promise<Protection> {
    const { tip, blocks } = await protectionOf(this.#client, branch);
    return { tip, isProtected: blocks !== null };
  }

  from(head: string, base: string): Promise<ChangeRequest | null> {
    return this.#requests.from(head, base);
  }

  get(number: number): Promise<ChangeRequest> {
    return this.#requests.get(number);
  }

  open(request: Parameters<RequestHost['open']>[0]): Promise<ChangeRequest> {
    return this.#requests.open(request);
  }

  close(number: number): Promise<void> {
    return this.#requests.close(number);
  }

  async tipOf(branch: string): Promise<Sha | null> {
    return (await this.#clone.refs()).branches[branch] ?? null;
  }

  async place(branch: string, commit: Sha, onTop = false): Promise<boolean> {
    const update = { ref: `refs/heads/${branch}`, to: commit, expected: await this.tipOf(branch) };
    if (update.expected === commit) return true;
    if (onTop && !(update.expected && (await this.isAncestor(update.expected, commit)))) return false;
    const result = await this.#clone.push([update], { atomic: false });
    if (result.kind === 'pushed') return true;
    if (result.kind === 'stale') return false;
    throw pushFailure(this.#clone, result, branch);
  }

  /** Left behind, it harms nobody. */
  async remove(branch: string): Promise<void> {
    const tip = await this.tipOf(branch);
    const update = { ref: `refs/heads/${branch}`, to: null, expected: tip };
    if (tip !== null) await this.#clone.push([update], { atomic: false });
  }

  isAncestor(commit: Sha, of: Sha): Promise<boolean> {
    return this.#clone.isAncestor(commit, of);
  }

  async commit(sha: Sha): Promise<{ readonly message: string; readonly parents: readonly Sha[] }> {
    if (!(await this.#clone.has(sha))) throw new Refusal('commit-unknown', { commit: sha });
    for await (const { message, parents = [] } of this.#clone.commits(null, sha)) return { message, parents };
    throw new Refusal('commit-unknown', { commit: sha });
  }

  async write(commit: NewCommit): Promise<Sha> {
    const { committer: by, signer } = this.#hand;
    return (await this.#clone.write({ ...commit, by, at: this.#client.now() }, signer)).commit;
  }

  /** GitLab says whether the account may push. */
  async push(): Promise<boolean> {
    return false;
  }

  async merge({ number }: ChangeRequest, release: WaitingRelease<Protection>): Promise<ChangeRequest> {
    const { cut, key, commit } = release;
    const request = await this.#requests.get(number);
    const wait = (reason: string, ms?: number) => waits(this, request, reason, ms);
    if (request.state === 'merged') return request;
    if (request.head !== commit) throw wait('GitLab has not seen its commit yet', LOOK_SOON_MS);
    if (!request.mayMerge) throw this.#mayNotMerge(request);
    mustHavePassed(this, request, await this.#checks(request, commit));
    const cars = await this.#requests.train(cut.branch);
    if (cars !== null) await this.#aboard(request, release, cars);
    if (LOOKING.includes(request.status)) throw wait('GitLab is still looking at it', LOOK_SOON_MS);
    if (request.status !== 'mergeable') throw wait(await this.#keptBy(request));
    const [title] = cut.message.split('\n', 1);
    const message = withTrailer(`${title} (!${number})`, 'Slipway-Promotion', key);
    const merged = await this.#requests.merge(number, { head: commit, squash: this.#squash, message });
    if ('refused' in merged) throw await this.#refused(merged, number, 'does not merge it yet');
    if (merged.state !== 'merged') throw wait('GitLab is merging it', LOOK_SOON_MS);
    return merged;
  }

  async mergeNow({ number }: ChangeRequest, head: Sha, message: string): Promise<Sha | null> {
    const how = { head, squash: this.#squash };
    const { base, pipeline } = await this.#requests.get(number);
    const cars = await this.#requests.train(base);
    if (cars !== null && (pipeline !== null || cars.length > 0)) {
      // Merged by itself it would start the pipelines of all others on the train again.
      const isAboard = (await this.#requests.board(number, how)) === null;
      if (!isAboard && pipeline !== null) await this.#requests.board(number, { ...how, later: true });
      return null;
    }
    const merged = await this.#requests.merge(number, { ...how, message });
    return 'refused' in merged ? null : merged.merged;
  }

  #mayNotMerge({ url, base: branch }: GitlabRequest): Refusal {
    const reason = `the account of the token may not merge into it (${url})`;
    return new Refusal('not-writable', { remote: this.#client.web, branch, reason });
  }

  /** What is refused for good, or by a rule that the merge itself does not keep, is not waited for. */
  async #refused({ refused, isForGood }: GitlabNo, number: number, what: string): Promise<Error> {
    const request = await this.#requests.get(number);
    if (isForGood) return this.#mayNotMerge(request);
    const { base: branch, error, url } = request;
    const reason = `GitLab ${what}: ${refused}${error === null ? '' : ` (${error})`}`;
    const rule = pushRuleOf(error ?? '');
    if (rule === null || !OF_COMMITS.includes(rule)) return waits(this, request, reason);
    return new Refusal('not-writable', {
      remote: this.#client.web,
      branch,
      reason: `${error} (${url})`,
      rule,
    });
  }

  /** Those of a pipeline of merged results are about another commit. */
  async #checks({ pipeline }: GitlabRequest, commit: Sha) {
    const own = await checksOf(this.#client, commit, 'all');
    if (pipeline === null || pipeline.sha === commit) return own;
    return [...own, ...(await checksOfPipeline(this.#client, pipeline))];
  }

  async #keptBy({ number, status, error }: GitlabRequest): Promise<string> {
    if (status === 'not_approved') {
      const left = await this.#requests.approvalsLeft(number);
      return left === 1
        ? 'it needs 1 approval more on GitLab'
        : `it needs ${left ?? 'more'} approvals more on GitLab`;
    }
    const known = KEPT_BY[status] ?? `GitLab says: ${status.replaceAll('_', ' ')}`;
    return error === null ? known : `${known} (${error})`;
  }

  /**
   * Throws while the merge train of the branch has to carry it, unless it has no pipeline and so never will. It goes on only when nobody else is: what they bring would
   * come before it, and nobody approved that. Refusal `release-queue-removed`.
   */
  async #aboard(
    request: GitlabRequest,
    { cut, commit }: WaitingRelease<Protection>,
    cars: readonly { readonly number: number; readonly status: string }[],
  ): Promise<void> {
    const wait = (reason: string) => waits(this, request, reason);
    const place = cars.findIndex(({ number }) => number === request.number);
    if (place >= 0) throw wait(`it is on the merge train, at position ${place + 1}`);
    const reason = await this.#requests.thrownOff(request.number);
    if (reason !== null) {
      await abandon(this, request, releaseBranch(cut));
      throw new Refusal('release-queue-removed', { ...factsOf(this, request), reason });
    }
    if (cars.length > 0) {
      const others = cars.length === 1 ? 'another merge request is' : `${cars.length} others are`;
      throw wait(`${others} on the merge train before it`);
    }
    if (LOOKING.includes(request.status))
      throw waits(this, request, 'GitLab is still looking at it', LOOK_SOON_MS);
    if (request.status !== 'mergeable') throw wait(await this.#keptBy(request));
    const how = { head: commit, squash: this.#squash };
    const refused = await this.#requests.board(request.number, how);
    if (refused === null) throw wait('it is on the merge train, at position 1');
    const isOld = this.#client.now() - (request.openedAt ?? Number.NaN) > PIPELINE_COMES_MS;
    // Nobody is on the train who would have to begin again.
    if (!refused.isForGood && request.pipeline === null && isOld) return;
    throw await this.#refused(refused, request.number, 'does not take it onto the merge train');
  }
}
