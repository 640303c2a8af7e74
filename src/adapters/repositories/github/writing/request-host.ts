import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { withTrailer } from '../../../../domain/release/message.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import type { NewCommit } from '../../commit.ts';
import { isCorrelated } from '../../correlation.ts';
import type { CommitCheck } from '../../port.ts';
import type { ChangeRequest, RequestHost, WaitingRelease } from '../../requests/host.ts';
import { abandon, factsOf, mustHavePassed, releaseBranch, waits } from '../../requests/release-request.ts';
import { checksOf } from '../checks/checks.ts';
import type { GithubClientSet } from '../client-set.ts';
import { type BranchProtection, protectionOf } from '../rules/branch-protection.ts';
import { methodInWords } from '../rules/own-branches.ts';
import { notWritable, placeBranch } from './branches.ts';
import { GithubMergeQueue } from './merge-queue.ts';
import type { GithubObjects } from './objects.ts';
import { GithubPullRequests, type MergeMethod } from './pull-requests.ts';

/** For so long after it was opened the checks of a pull request may not have begun, in ms. */
const BEGINS_MS = 15_000;
/** The same where the commit that it is on has checks. */
const BEGINS_LATER_MS = 120_000;

type Waiting = WaitingRelease<BranchProtection>;

/** Pull requests of Slipway on GitHub. */
export class GithubRequestHost implements RequestHost<BranchProtection> {
  readonly name = 'GitHub';
  readonly noun = 'pull request';
  readonly sign = '#';
  readonly trees: RequestHost['trees'];
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;
  readonly #pulls: GithubPullRequests;
  readonly #queue: GithubMergeQueue;
  readonly #method: MergeMethod;

  constructor(repository: GithubClientSet, objects: GithubObjects, method: MergeMethod) {
    this.trees = repository.files;
    this.#repository = repository;
    this.#objects = objects;
    this.#pulls = new GithubPullRequests(repository.client);
    this.#queue = new GithubMergeQueue(repository.client);
    this.#method = method;
  }

  protectionOf(branch: string): Promise<BranchProtection> {
    return protectionOf(this.#repository.client, branch);
  }

  from(head: string, base: string): Promise<ChangeRequest | null> {
    return this.#pulls.from(head, base);
  }

  get(number: number): Promise<ChangeRequest> {
    return this.#pulls.get(number);
  }

  open(request: Parameters<RequestHost['open']>[0]): Promise<ChangeRequest> {
    return this.#pulls.open(request);
  }

  close(number: number): Promise<void> {
    return this.#pulls.close(number);
  }

  tipOf(branch: string): Promise<Sha | null> {
    return this.#repository.refs.branch(branch);
  }

  async place(branch: string, commit: Sha, onTop = false): Promise<boolean> {
    const { client, refs } = this.#repository;
    const done = onTop ? await refs.move(branch, commit) : await placeBranch(refs, branch, commit);
    if (typeof done === 'object') throw notWritable(client, branch, done.refused);
    return done !== 'not-forward';
  }

  async remove(branch: string): Promise<void> {
    await this.#repository.refs.remove(`heads/${branch}`);
  }

  isAncestor(commit: Sha, of: Sha): Promise<boolean | null> {
    return this.#repository.history.isAncestor(commit, of);
  }

  async commit(commit: Sha): Promise<{ readonly message: string; readonly parents: readonly Sha[] }> {
    const { message, parents } = await this.#objects.read(commit);
    return { message, parents: parents.map(({ sha }) => sha) };
  }

  write(commit: NewCommit): Promise<Sha> {
    return this.#objects.commit(commit);
  }

  /** Rules of the old kind only show when something is pushed. */
  async push(branch: string, commit: Sha, { blocks }: BranchProtection): Promise<boolean> {
    return blocks === null && (await this.#repository.refs.move(branch, commit)) === 'moved';
  }

  async merge(pull: ChangeRequest, { cut, key, commit, protection }: Waiting): Promise<ChangeRequest | Sha> {
    const { number } = pull;
    const { client, refs } = this.#repository;
    const checks = await this.#checks(commit);
    if (checks.length === 0) await this.#mayBegin(pull, cut.base);
    mustHavePassed(this, pull, checks);
    if (protection.hasQueue) await this.#throughQueue(pull, { cut, commit });
    // Where only checks are asked for, the commit itself may be pushed now.
    if ((await refs.move(cut.branch, commit)) === 'moved') return commit;
    const merged = await this.#pulls.merge(number, {
      head: commit,
      method: this.#method,
      title: `${cut.message.split('\n', 1)[0]} (#${number})`,
      message: withTrailer('', 'Slipway-Promotion', key).trim(),
    });
    if ('refused' in merged) {
      // A queue that branch protection of the old kind asks for shows only now.
      if (/merge queue/i.test(merged.refused)) await this.#throughQueue(pull, { cut, commit });
      if (/not allowed on this repository/i.test(merged.refused)) {
        throw notWritable(client, cut.branch, methodInWords(this.#method));
      }
      throw waits(this, pull, `GitHub does not merge it yet: ${merged.refused}`);
    }
    return this.#pulls.get(number);
  }

  #checks(commit: Sha): Promise<readonly CommitCheck[]> {
    return checksOf(this.#repository.client, commit, 'all', isCorrelated, true);
  }

  /** That it has no check does not say that none will come. */
  async #mayBegin(pull: ChangeRequest, base: Sha): Promise<void> {
    const { createdAt } = await this.#pulls.get(pull.number);
    const age = this.#repository.client.now() - createdAt;
    if (age >= BEGINS_LATER_MS) return;
    if (age >= BEGINS_MS && (await this.#checks(base)).length === 0) return;
    throw waits(this, pull, 'its checks have not begun yet');
  }

  async mergeNow({ number }: ChangeRequest, head: Sha, title: string): Promise<Sha | null> {
    const merged = await this.#pulls.merge(number, { head, method: this.#method, title, message: '' });
    if (!('refused' in merged)) return merged.sha;
    if (/merge queue/i.test(merged.refused)) await this.#enqueue(number, head);
    return null;
  }

  /** Nothing waits for it: whoever else is in the queue may come first, and what does not get in may come next time. */
  async #enqueue(number: number, head: Sha): Promise<void> {
    const place = await this.#queue.placeOf(number);
    if (place.kind === 'outside' || place.kind === 'removed') await this.#queue.enter(place.id, head);
  }

  /**
   * Puts the pull request into the merge queue, and waits there. It goes in only when nobody else is in it: what they
   * bring would come before it, and nobody approved that. Refusal `release-queue-removed`.
   */
  async #throughQueue(pull: ChangeRequest, { cut, commit }: Pick<Waiting, 'cut' | 'commit'>): Promise<void> {
    const wait = (reason: string) => waits(this, pull, reason);
    const place = await this.#queue.placeOf(pull.number);
    switch (place.kind) {
      case 'no-queue':
        return;
      case 'in-queue':
        throw wait(`it is in the merge queue, ${place.words}`);
      case 'removed':
        await abandon(this, pull, releaseBranch(cut));
        throw new Refusal('release-queue-removed', { ...factsOf(this, pull), reason: place.reason });
      case 'outside': {
        if (place.others > 0) throw wait(`${others(place.others)} in the merge queue before it`);
        const entered = await this.#queue.enter(place.id, commit);
        throw 'refused' in entered
          ? wait(`GitHub does not take it into the merge queue: ${entered.refused}`)
          : wait(`it is in the merge queue, ${entered.words}`);
      }
    }
  }
}

function others(count: number): string {
  return count === 1 ? 'another pull request is' : `${count} others are`;
}
