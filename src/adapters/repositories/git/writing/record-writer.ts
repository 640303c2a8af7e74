import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../../domain/release/message.ts';
import type { Commit, Sha } from '../../../../domain/release/release.ts';
import { checkNames, holdsExactly } from '../../checked.ts';
import { changedFiles, type Identity } from '../../commit.ts';
import type { FilesCommit, Repository } from '../../port.ts';
import type { Clone } from '../clone.ts';
import { tipOf } from '../refs.ts';
import type { Signer } from '../signing/signer.ts';
import { pushFailure } from './push-failure.ts';
import type { Hand } from './release-writer.ts';

const MOST_ATTEMPTS = 5;

/** How records get to a branch that takes no pushes. */
export interface RecordsDetour {
  /** Where they wait: the newest of them, or null when there are none; `open` when the branch can simply be pushed. */
  placeOf(branch: string): Promise<Sha | null | 'open'>;
  /** `onTop`: the newest that waits already. Null when somebody else put something there meanwhile. */
  add(
    change: FilesCommit,
    commit: Sha,
    onTop: Sha | null,
  ): Promise<{ readonly commit: Sha; readonly waitsIn?: string } | null>;
}

/** Commits reports and state files on top of a branch, which others move too. */
export class GitRecordWriter {
  readonly #clone: Clone;
  readonly #committer: Identity;
  readonly #signer: Signer | null;
  readonly #now: () => number;
  readonly #detour: RecordsDetour | null;

  constructor(clone: Clone, { committer, signer }: Hand, now: () => number, detour: RecordsDetour | null) {
    this.#clone = clone;
    this.#committer = committer;
    this.#signer = signer;
    this.#now = now;
    this.#detour = detour;
  }

  async commit(change: FilesCommit, key: string): ReturnType<Repository['commitFiles']> {
    checkNames(change.branch);
    for (let attempt = 1; ; attempt++) {
      const head = tipOf(await this.#clone.refs(), change.branch, this.#clone.remote);
      const waiting = (await this.#detour?.placeOf(change.branch)) ?? null;
      const isOpen = this.#detour === null || waiting === 'open';
      const tip = isOpen ? head : (waiting ?? head);
      const done = await this.#find(tip, change, key);
      if (done) return { commit: done, written: done };

      const files = await changedFiles(this.#clone, tip, change);
      if (files.length === 0) return { commit: tip };

      const message = withTrailer(change.message, 'Slipway-Record', key);
      const written = await this.#clone.write(
        {
          parent: tip,
          message,
          files,
          by: this.#committer,
          at: this.#now(),
        },
        this.#signer,
      );
      if (!isOpen) {
        const added = await this.#detour?.add(change, written.commit, waiting);
        if (added) return { ...added, written: written.commit };
        if (attempt < MOST_ATTEMPTS) continue;
        throw new Refusal('branch-moved', { branch: change.branch });
      }
      const update = { ref: `refs/heads/${change.branch}`, to: written.commit, expected: tip };
      const result = await this.#clone.push([update], { atomic: false });
      if (result.kind === 'pushed') return { commit: written.commit, written: written.commit };
      if (result.kind === 'broken') {
        const now = await this.#clone.refs();
        const found = await this.#find(tipOf(now, change.branch, this.#clone.remote), change, key);
        if (found) return { commit: found, written: found };
      }
      if (result.kind !== 'stale' || attempt === MOST_ATTEMPTS)
        throw pushFailure(this.#clone, result, change.branch);
    }
  }

  /** What an earlier call with this key committed: by its trailer, and by what it holds, as a message proves nothing. */
  async #find(tip: Sha, change: FilesCommit, key: string): Promise<Sha | null> {
    const isOurs = async ({ sha, message, parents = [] }: Commit) => {
      const [base] = parents;
      if (base === undefined || parents.length > 1 || !hasTrailer(message, 'Slipway-Record', key))
        return false;
      const files = await changedFiles(this.#clone, base, change);
      return holdsExactly(this.#clone, { base, commit: sha }, files);
    };
    return (await this.#clone.find(tip, 'Slipway-Record: ', isOurs))?.sha ?? null;
  }
}
