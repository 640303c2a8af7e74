import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../../domain/release/message.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import { holdsExactly } from '../../checked.ts';
import { isCorrelated } from '../../correlation.ts';
import type { ReleaseCut } from '../../port.ts';
import { checksOf } from '../checks.ts';
import type { GithubClientSet } from '../client-set.ts';
import { type BranchProtection, protectionOf } from '../rules/branch-protection.ts';
import { notWritable, placeBranch } from './branches.ts';
import { GithubMergeQueue } from './merge-queue.ts';
import type { GithubObjects } from './objects.ts';
import { GithubPullRequests, type MergeMethod, type PullRequest } from './pull-requests.ts';

/** How often a waiting pull request is looked at, in ms. */
const LOOK_AGAIN_MS = 15_000;
const SHOWN = 3;

/** Releases get to a branch that takes no pushes by a pull request whose checks have passed. */
export class ReleasePullRequest {
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;
  readonly #pulls: GithubPullRequests;
  readonly #queue: GithubMergeQueue;
  readonly #method: MergeMethod;

  constructor(repository: GithubClientSet, objects: GithubObjects, method: MergeMethod) {
    this.#repository = repository;
    this.#objects = objects;
    this.#pulls = new GithubPullRequests(repository.client);
    this.#queue = new GithubMergeQueue(repository.client);
    this.#method = method;
  }

  /**
   * The release commit, once the branch has it; null when the branch is not protected and can simply be pushed.
   * Nothing is kept in memory between calls: branch and pull request are found again. Throws Unavailable while the
   * pull request waits. Refusals: `branch-moved`, `release-checks-failed`, `release-pull-request-closed`,
   * `release-queue-removed`, `release-overtaken`.
   */
  async release(cut: ReleaseCut, key: string): Promise<Sha | null> {
    const { client, refs, history } = this.#repository;
    const head = releaseBranch(cut);
    const protection = await protectionOf(client, cut.branch);
    if (!protection.isProtected) return null;
    const [found, marker] = await Promise.all([this.#pulls.from(head, cut.branch), refs.branch(head)]);
    const pull = found && (await this.#isOurs(found.head, cut, key)) ? found : null;
    if (pull?.state === 'merged') return this.#merged(cut, pull);
    if (pull?.state === 'closed' && marker !== null) {
      await refs.remove(`heads/${head}`);
      throw new Refusal('release-pull-request-closed', { number: pull.number, url: pull.url });
    }
    if (found?.state === 'open' && pull === null) await this.#abandon(found, head);

    const written = marker !== null && (await this.#isOurs(marker, cut, key)) ? marker : null;
    if (protection.tip !== cut.base) {
      if (written && (await history.isAncestor(written, protection.tip))) return written;
      if (pull?.state === 'open') await this.#abandon(pull, head);
      throw new Refusal('branch-moved', { branch: cut.branch, expected: cut.base, found: protection.tip });
    }
    const commit = written ?? (await this.#write(cut, key));
    const open = pull?.state === 'open' ? pull : null;
    if (open === null && protection.blocks === null) {
      // Rules of the old kind only show when something is pushed.
      if ((await refs.move(cut.branch, commit)) === 'moved') return commit;
    }
    return this.#through(cut, key, { commit, protection }, open ?? (await this.#open(cut)));
  }

  /** What a release by pull request became on its branch; null when there is none that was merged. */
  async mergedAs(cut: ReleaseCut, key: string): Promise<Sha | null> {
    const pull = await this.#pulls.from(releaseBranch(cut), cut.branch);
    if (pull?.state !== 'merged' || !(await this.#isOurs(pull.head, cut, key))) return null;
    return pull.merged !== null && (await this.#holds(pull.merged, cut)) ? pull.merged : null;
  }

  /** The pull request is open: waits for its checks, then merges exactly what was approved. */
  async #through(
    cut: ReleaseCut,
    key: string,
    { commit, protection }: { readonly commit: Sha; readonly protection: BranchProtection },
    pull: PullRequest,
  ): Promise<Sha> {
    const { number, url } = pull;
    const { client, refs } = this.#repository;
    const what = `the release pull request #${number}`;
    const wait = (reason: string) =>
      new Unavailable(what, `${reason} (${url})`, { retryAfterMs: LOOK_AGAIN_MS });
    const checks = await checksOf(client, commit, 'all', isCorrelated, true);
    const named = (state: string) => checks.filter((check) => check.state === state).map(({ name }) => name);
    const failed = named('failed');
    if (failed.length > 0) throw new Refusal('release-checks-failed', { number, url, checks: failed });
    const pending = named('pending');
    if (pending.length > 0) throw wait(`${count(pending)} not finished yet: ${few(pending)}`);

    if (protection.hasQueue) await this.#throughQueue(cut, commit, pull, wait);
    // Where only checks are asked for, the commit itself may be pushed now.
    const pushed = await refs.move(cut.branch, commit);
    if (pushed === 'moved') return commit;
    const merged = await this.#pulls.merge(number, {
      head: commit,
      method: this.#method,
      title: `${cut.message.split('\n', 1)[0]} (#${number})`,
      message: withTrailer('', 'Slipway-Promotion', key).trim(),
    });
    if ('refused' in merged) {
      // A queue that branch protection of the old kind asks for shows only now.
      if (/merge queue/i.test(merged.refused)) await this.#throughQueue(cut, commit, pull, wait);
      throw wait(`GitHub does not merge it yet: ${merged.refused}`);
    }
    return this.#merged(cut, await this.#pulls.get(number));
  }

  /**
   * Puts the pull request into the merge queue, and waits there. It goes in only when nobody else is in it: what they
   * bring would come before it, and nobody approved that. Refusal `release-queue-removed`.
   */
  async #throughQueue(
    cut: ReleaseCut,
    commit: Sha,
    pull: PullRequest,
    wait: (reason: string) => Unavailable,
  ): Promise<void> {
    const { number, url } = pull;
    const place = await this.#queue.placeOf(number);
    switch (place.kind) {
      case 'no-queue':
        return;
      case 'in-queue':
        throw wait(`it is in the merge queue, ${place.words}`);
      case 'removed':
        // The next try begins with a pull request of its own.
        await this.#abandon(pull, releaseBranch(cut));
        throw new Refusal('release-queue-removed', { number, url, reason: place.reason });
      case 'outside': {
        if (place.others > 0) throw wait(`${others(place.others)} in the merge queue before it`);
        const entered = await this.#queue.enter(place.id, commit);
        throw 'refused' in entered
          ? wait(`GitHub does not take it into the merge queue: ${entered.refused}`)
          : wait(`it is in the merge queue, ${entered.words}`);
      }
    }
  }

  /** A merge on top of anything but the commit that people approved is not what they approved. */
  async #merged(cut: ReleaseCut, pull: PullRequest): Promise<Sha> {
    const { number, url, merged } = pull;
    if (merged === null) throw new Unavailable('GitHub', `does not say what #${number} was merged as`);
    if (!(await this.#holds(merged, cut))) {
      throw new Refusal('release-overtaken', { number, url, branch: cut.branch, tag: cut.tag });
    }
    return merged;
  }

  /** The release is whole: its branch is not needed any more. */
  async tidy(cut: ReleaseCut): Promise<void> {
    await this.#repository.refs.remove(`heads/${releaseBranch(cut)}`);
  }

  async #write(cut: ReleaseCut, key: string): Promise<Sha> {
    const { client, refs } = this.#repository;
    const message = withTrailer(cut.message, 'Slipway-Promotion', key);
    const commit = await this.#objects.commit({ parent: cut.base, message, files: cut.files });
    const head = releaseBranch(cut);
    const done = await placeBranch(refs, head, commit);
    if (typeof done === 'object') throw notWritable(client, head, done.refused);
    return commit;
  }

  #open(cut: ReleaseCut): Promise<PullRequest> {
    return this.#pulls.open({
      head: releaseBranch(cut),
      base: cut.branch,
      title: cut.message.split('\n', 1)[0] ?? cut.tag,
      body: `${cut.tagMessage.trim()}\n\n---\nSlipway opened this because ${cut.branch} takes no pushes. It merges it once all checks have passed, then tags and deploys. Closing it stops the promotion.`,
    });
  }

  async #abandon(pull: PullRequest, head: string): Promise<void> {
    await this.#pulls.close(pull.number);
    await this.#repository.refs.remove(`heads/${head}`);
  }

  async #isOurs(commit: Sha, cut: ReleaseCut, key: string): Promise<boolean> {
    const { message } = await this.#objects.read(commit);
    return hasTrailer(message, 'Slipway-Promotion', key) && this.#holds(commit, cut);
  }

  /** On the approved commit, and exactly the files of the release. */
  async #holds(commit: Sha, { base, files }: ReleaseCut): Promise<boolean> {
    const { parents } = await this.#objects.read(commit);
    return parents[0]?.sha === base && holdsExactly(this.#repository.files, { base, commit }, files);
  }
}

function releaseBranch({ tag }: ReleaseCut): string {
  return `slipway/release/${tag}`;
}

function count(names: readonly string[]): string {
  return names.length === 1 ? '1 check has' : `${names.length} checks have`;
}

function others(count: number): string {
  return count === 1 ? 'another pull request is' : `${count} others are`;
}

function few(names: readonly string[]): string {
  const rest = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
