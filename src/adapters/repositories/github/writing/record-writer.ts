import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../../domain/release/message.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import { checkNames, holdsExactly } from '../../checked.ts';
import { changedFiles, type NewCommit } from '../../commit.ts';
import type { FilesCommit, Repository } from '../../port.ts';
import type { RecordsRequest } from '../../requests/records-request.ts';
import type { GithubClientSet } from '../client-set.ts';
import { protectionOf } from '../rules/branch-protection.ts';
import { notWritable } from './branches.ts';
import { commitOnBranch } from './commit-on-branch.ts';
import type { GithubObjects } from './objects.ts';

const MOST_ATTEMPTS = 8;

/** What became of a push; `made`: the commit that the branch did not take. */
type Pushed = { readonly commit: Sha } | 'not-forward' | { readonly refused: string; readonly made: Sha };

/** Commits reports and state files on top of a branch, which others move too. */
export class GithubRecordWriter {
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;
  /** Null: a branch that takes no pushes is a refusal. */
  readonly #pullRequest: RecordsRequest | null;
  /** Where this process itself has put branches last: the next commit is tried there, and only goes on top of that. */
  readonly #written = new Map<string, Sha>();

  constructor(repository: GithubClientSet, objects: GithubObjects, pullRequest: RecordsRequest | null) {
    this.#repository = repository;
    this.#objects = objects;
    this.#pullRequest = pullRequest;
  }

  async commit(change: FilesCommit, key: string): ReturnType<Repository['commitFiles']> {
    checkNames(change.branch);
    const { client, files } = this.#repository;
    // A call that fails leaves nothing behind to be believed.
    let believed = this.#written.get(change.branch) ?? null;
    this.#written.delete(change.branch);
    let isRefused = false;
    for (let attempt = 1; ; attempt++) {
      if (attempt > MOST_ATTEMPTS) throw new Refusal('branch-moved', { branch: change.branch });
      const place = believed
        ? { tip: believed, isOpen: true, waits: false }
        : await this.#place(change.branch);
      const isBelieved = believed !== null;
      believed = null;
      const done = await this.#find(place.tip, change, key);
      const changed = await changedFiles(files, place.tip, change);
      // That nothing has to be written is only true of the branch as it is now.
      if (isBelieved && (done || changed.length === 0)) continue;
      if (done) return { commit: done, written: done };
      if (changed.length === 0) return { commit: place.tip };

      const message = withTrailer(change.message, 'Slipway-Record', key);
      const wanted = { parent: place.tip, message, files: changed };
      const isTried: boolean = !place.waits && !isRefused;
      const pushed: Pushed | null = isTried ? await this.#push(change.branch, wanted, place.isOpen) : null;
      if (pushed === 'not-forward') continue;
      if (pushed !== null && 'commit' in pushed) {
        this.#written.set(change.branch, pushed.commit);
        return { commit: pushed.commit, written: pushed.commit };
      }
      if (isBelieved) continue;
      if (pushed !== null && this.#pullRequest === null) {
        throw notWritable(client, change.branch, pushed.refused);
      }
      isRefused ||= pushed !== null;
      const commit = pushed?.made ?? (await this.#objects.commit(wanted));
      const recorded = await this.#pullRequest?.add(change, commit, place.waits ? place.tip : null);
      if (!recorded) continue;
      return { ...recorded, written: commit };
    }
  }

  /** On top of the branch, where it takes that. */
  async #push(branch: string, wanted: NewCommit, isOpen: boolean): Promise<Pushed> {
    const { files, refs } = this.#repository;
    await files.mustBeFiles(
      wanted.parent,
      wanted.files.map(({ path }) => path),
    );
    if (isOpen && !this.#objects.areByOthers) {
      const made = await commitOnBranch(this.#repository, branch, wanted);
      if (made !== null) return made === 'not-forward' ? made : { commit: made };
    }
    const commit = await this.#objects.commit(wanted);
    const result = await refs.move(branch, commit);
    if (result === 'moved') return { commit };
    return result === 'not-forward' ? result : { refused: result.refused, made: commit };
  }

  /** What the commit goes on top of: of reports that could not be merged yet, where some wait. */
  async #place(
    branch: string,
  ): Promise<{ readonly tip: Sha; readonly isOpen: boolean; readonly waits: boolean }> {
    const { client, refs } = this.#repository;
    if (this.#pullRequest === null) return { tip: await refs.tip(branch), isOpen: true, waits: false };
    const { tip, isProtected } = await protectionOf(client, branch);
    const waiting = isProtected ? await this.#pullRequest.tip(branch) : null;
    return { tip: waiting ?? tip, isOpen: !isProtected, waits: waiting !== null };
  }

  /** What an earlier call with this key committed. */
  async #find(tip: Sha, change: FilesCommit, key: string): Promise<Sha | null> {
    for (const { sha, message } of await this.#candidates(tip, change)) {
      if (hasTrailer(message, 'Slipway-Record', key) && (await this.#holds(sha, change))) return sha;
    }
    return null;
  }

  /** Commits that may be it. */
  async #candidates(
    tip: Sha,
    { since, edits }: FilesCommit,
  ): Promise<readonly { readonly sha: Sha; readonly message: string }[]> {
    const { files, history } = this.#repository;
    try {
      if (since !== undefined) return await history.since(since, tip);
    } catch (error) {
      // The history of the branch was written anew.
      if (!(error instanceof Refusal) || error.code !== 'commit-unknown') throw error;
    }
    const paths = edits.map(({ path }) => path);
    const places = await files.placesOf(tip, paths);
    return (await Promise.all(places.map((path) => history.touching(tip, path)))).flat();
  }

  /** A message can be forged: a record is known again by what it holds. */
  async #holds(commit: Sha, change: FilesCommit): Promise<boolean> {
    const { files } = this.#repository;
    const { parents } = await this.#objects.read(commit);
    const base = parents[0]?.sha;
    if (base === undefined || parents.length > 1) return false;
    return holdsExactly(files, { base, commit }, await changedFiles(files, base, change));
  }
}
