import { Refusal } from '../../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../../domain/release/message.ts';
import type { Release, Sha } from '../../../../domain/release/release.ts';
import { checkNames, holdsExactly } from '../../checked.ts';
import { type Identity, releaseOf } from '../../commit.ts';
import type { ReleaseCut, Repository } from '../../port.ts';
import type { Clone } from '../clone.ts';
import type { PushResult, RefUpdate } from '../push.ts';
import { MIRROR, tipOf } from '../refs.ts';
import type { Signer } from '../signing/signer.ts';
import { pushFailure } from './push-failure.ts';

/** Who commits, and who signs; null: nobody. */
export interface Hand {
  readonly committer: Identity;
  readonly signer: Signer | null;
}

/** Cuts releases. What an earlier call made is found on the remote, never remembered. */
export class GitReleaseWriter {
  readonly #clone: Clone;
  readonly #committer: Identity;
  readonly #signer: Signer | null;
  readonly #now: () => number;
  readonly #links: Repository['links'];

  constructor(clone: Clone, { committer, signer }: Hand, links: Repository['links'], now: () => number) {
    this.#clone = clone;
    this.#committer = committer;
    this.#signer = signer;
    this.#links = links;
    this.#now = now;
  }

  /**
   * Tries first and looks afterwards: the push names where both refs must stand, so a second call with the same
   * key is turned away by the remote, and then finds what the first one made.
   */
  async cut(cut: ReleaseCut, key: string): Promise<Release> {
    checkNames(cut.branch, cut.tag);
    const { release, tag } = await this.#made(cut, key);
    if (this.#signer === null) return release;
    const signature = await this.#clone.signatureOf(release.commit, tag, this.#signer);
    return { ...release, signature };
  }

  /** `tag`: what names the tag object in our copy. */
  async #made(cut: ReleaseCut, key: string): Promise<{ readonly release: Release; readonly tag: string }> {
    const written = await this.#clone.write(
      {
        parent: cut.base,
        message: withTrailer(cut.message, 'Slipway-Promotion', key),
        files: cut.files,
        by: this.#committer,
        at: this.#now(),
        tag: { name: cut.tag, message: cut.tagMessage },
      },
      this.#signer,
    );
    const branch = { ref: `refs/heads/${cut.branch}`, to: written.commit, expected: cut.base };
    const tag = { ref: `refs/tags/${cut.tag}`, to: written.tag, expected: null };
    const result = await this.#pushRelease(branch, tag);
    if (result.kind === 'pushed') {
      return { release: releaseOf(cut, written.commit, this.#links), tag: written.tag ?? tag.ref };
    }
    const made = await this.#find(cut, key);
    if (made) return { release: made, tag: `${MIRROR}tags/${cut.tag}` };
    throw pushFailure(this.#clone, result, cut.branch);
  }

  async deleteTag(tag: string): Promise<void> {
    checkNames(tag);
    const ref = `refs/tags/${tag}`;
    const lines = await this.#clone.remoteRefs(this.#clone.remote);
    const there = lines.find(({ name }) => `refs/${name}` === ref);
    if (!there) return;
    const result = await this.#clone.push([{ ref, to: null, expected: there.id }], { atomic: false });
    if (result.kind === 'refused') {
      const { reason } = result;
      throw new Refusal('tag-not-deleted', { tag, remote: this.#clone.remote.url, reason });
    }
    if (result.kind !== 'pushed') throw pushFailure(this.#clone, result, tag);
  }

  /** Both refs at once; for a host that cannot do that, the tag first: a tag alone ships nothing. */
  async #pushRelease(branch: RefUpdate, tag: RefUpdate): Promise<PushResult> {
    const together = await this.#clone.push([branch, tag]);
    if (together.kind !== 'atomic-unsupported') return together;
    const first = await this.#clone.push([tag], { atomic: false });
    if (first.kind !== 'pushed') return first;
    const second = await this.#clone.push([branch], { atomic: false });
    if (second.kind === 'stale' || second.kind === 'refused') {
      await this.#clone.push([{ ref: tag.ref, to: null, expected: tag.to }], { atomic: false });
    }
    return second;
  }

  /**
   * What an earlier call with this key made, by its tag, trailer and files. Refusals: `tag-exists` when the tag is
   * somebody else's, `branch-missing`, `branch-moved`; null when nothing of it is there and it may be tried again.
   */
  async #find(cut: ReleaseCut, key: string): Promise<Release | null> {
    const refs = await this.#clone.refs();
    const tip = tipOf(refs, cut.branch, this.#clone.remote);
    const tag = refs.tags.find(({ name }) => name === cut.tag);
    if (!tag) {
      if (tip === cut.base) return null;
      throw new Refusal('branch-moved', { branch: cut.branch, expected: cut.base, found: tip });
    }
    if (!(await this.#isOurs(tag.commit, cut, key))) throw new Refusal('tag-exists', { tag: cut.tag });
    if (tip !== cut.base || tag.commit === tip) return this.#withBranch(cut, tag.commit, tip);
    // Only on hosts that cannot push both at once: the tag got there, the branch did not.
    const update = { ref: `refs/heads/${cut.branch}`, to: tag.commit, expected: cut.base };
    const result = await this.#clone.push([update], { atomic: false });
    if (result.kind !== 'pushed') throw pushFailure(this.#clone, result, cut.branch);
    return releaseOf(cut, tag.commit, this.#links);
  }

  /** The branch must still contain the release; if it does not, somebody rewrote it, and the tag is evidence. */
  async #withBranch(cut: ReleaseCut, commit: Sha, tip: Sha): Promise<Release> {
    if (await this.#clone.isAncestor(commit, tip)) return releaseOf(cut, commit, this.#links);
    throw new Refusal('branch-diverged', { branch: cut.branch, found: tip });
  }

  /** By its trailer, and by what it holds: a message proves nothing. */
  async #isOurs(commit: Sha, { base, files }: ReleaseCut, key: string): Promise<boolean> {
    for await (const { sha, message, parents = [] } of this.#clone.commits(base, commit)) {
      const isOnBase = sha === commit && parents.length === 1 && parents[0] === base;
      if (!isOnBase || !hasTrailer(message, 'Slipway-Promotion', key)) return false;
      return holdsExactly(this.#clone, { base, commit }, files);
    }
    return false;
  }
}
