import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../../domain/release/message.ts';
import type { Sha } from '../../../../domain/release/release.ts';
import { checkNames, holdsExactly } from '../../checked.ts';
import { changedFiles } from '../../commit.ts';
import type { FilesCommit, Repository } from '../../port.ts';
import type { GithubClientSet } from '../client-set.ts';
import { protectionOf } from '../rules/branch-protection.ts';
import { notWritable } from './branches.ts';
import type { GithubObjects } from './objects.ts';
import type { RecordsPullRequest } from './records-pull-request.ts';

const MOST_ATTEMPTS = 8;

/** Commits reports and state files on top of a branch, which others move too. */
export class GithubRecordWriter {
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;
  /** Null: a branch that takes no pushes is a refusal. */
  readonly #pullRequest: RecordsPullRequest | null;

  constructor(repository: GithubClientSet, objects: GithubObjects, pullRequest: RecordsPullRequest | null) {
    this.#repository = repository;
    this.#objects = objects;
    this.#pullRequest = pullRequest;
  }

  async commit(change: FilesCommit, key: string): ReturnType<Repository['commitFiles']> {
    checkNames(change.branch);
    const { client, refs } = this.#repository;
    let isRefused = false;
    for (let attempt = 1; ; attempt++) {
      if (attempt > MOST_ATTEMPTS) throw new Refusal('branch-moved', { branch: change.branch });
      const waiting = await this.#waiting(change.branch);
      const tip = waiting ?? (await refs.tip(change.branch));
      const done = await this.#find(tip, change, key);
      if (done) return { commit: done, written: done };

      const files = await changedFiles(this.#repository.files, tip, change);
      if (files.length === 0) return { commit: tip };
      const message = withTrailer(change.message, 'Slipway-Record', key);
      const commit = await this.#objects.commit({ parent: tip, message, files });
      if (waiting === null && !isRefused) {
        const result = await refs.move(change.branch, commit);
        if (result === 'moved') return { commit, written: commit };
        if (result === 'not-forward') continue;
        if (this.#pullRequest === null) throw notWritable(client, change.branch, result.refused);
        isRefused = true;
      }
      const recorded = await this.#pullRequest?.add(change.branch, commit, waiting !== null);
      if (!recorded) continue;
      const { waitsIn } = recorded;
      return {
        commit: recorded.commit,
        written: commit,
        ...(waitsIn ? { waitsIn: `pull request #${waitsIn.number} (${waitsIn.url})` } : {}),
      };
    }
  }

  /** Reports that could not be merged yet; new ones go on top of them. */
  async #waiting(branch: string): Promise<Sha | null> {
    if (this.#pullRequest === null) return null;
    const { isProtected } = await protectionOf(this.#repository.client, branch);
    return isProtected ? this.#pullRequest.tip(branch) : null;
  }

  /** What an earlier call with this key committed. */
  async #find(tip: Sha, change: FilesCommit, key: string): Promise<Sha | null> {
    const paths = change.edits.map(({ path }) => path);
    for (const path of await this.#repository.files.placesOf(tip, paths)) {
      const commits = await this.#repository.history.touching(tip, path);
      for (const { sha, message } of commits) {
        if (hasTrailer(message, 'Slipway-Record', key) && (await this.#holds(sha, change))) return sha;
      }
    }
    return null;
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
