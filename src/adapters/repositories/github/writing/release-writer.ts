import { Refusal, Unavailable } from '../../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../../domain/release/message.ts';
import type { Release, Sha } from '../../../../domain/release/release.ts';
import { checkNames, holdsExactly } from '../../checked.ts';
import { releaseOf } from '../../commit.ts';
import type { ReleaseCut, Repository } from '../../port.ts';
import type { ReleaseRequest } from '../../requests/release-request.ts';
import type { GithubClientSet } from '../client-set.ts';
import type { BranchProtection } from '../rules/branch-protection.ts';
import { notWritable, tagRefused } from './branches.ts';
import type { GithubObjects } from './objects.ts';

/** Sources: GitHub's documentation of commits, whose `verification` says it, and of tag objects, which it signs none of. */
const SIGNED = 'the commit has a signature that GitHub has verified; tags that are made by its API have none';

/** Cuts releases. What an earlier call made is found on GitHub, never remembered. */
export class GithubReleaseWriter {
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;
  /** Null: a branch that takes no pushes is a refusal. */
  readonly #pullRequest: ReleaseRequest<BranchProtection> | null;
  readonly #links: Repository['links'];

  constructor(
    repository: GithubClientSet,
    objects: GithubObjects,
    pullRequest: ReleaseRequest<BranchProtection> | null,
    links: Repository['links'],
  ) {
    this.#repository = repository;
    this.#objects = objects;
    this.#pullRequest = pullRequest;
    this.#links = links;
  }

  /**
   * Commit and tag are objects that nobody sees until their refs exist. The tag's ref comes first: it alone ships
   * nothing and can be taken back; the branch then moves only forward. A crash in between is found by the tag. On a
   * protected branch the commit comes first, by pull request, and the tag names what it became.
   */
  async cut(cut: ReleaseCut, key: string): Promise<Release> {
    checkNames(cut.branch, cut.tag);
    const release = await this.#cut(cut, key);
    const { verification } = await this.#objects.read(release.commit);
    return verification?.verified ? { ...release, signature: SIGNED } : release;
  }

  async #cut(cut: ReleaseCut, key: string): Promise<Release> {
    const made = await this.#find(cut, key);
    if (made) return made;
    const merged = await this.#pullRequest?.release(cut, key);
    if (merged) {
      const release = await this.#tagMerged(cut, merged);
      // By its branch a release is known again while it has no tag.
      await this.#pullRequest?.tidy(cut);
      return release;
    }

    const tip = await this.#repository.refs.tip(cut.branch);
    if (tip !== cut.base) throw moved(cut, tip);
    const message = withTrailer(cut.message, 'Slipway-Promotion', key);
    const commit = await this.#objects.commit({ parent: cut.base, message, files: cut.files });
    const found = await this.#tag(cut, { commit }, () => this.#find(cut, key));
    return found ?? this.#moveBranch(cut, commit);
  }

  async deleteTag(tag: string): Promise<void> {
    checkNames(tag);
    const problem = await this.#repository.refs.remove(`tags/${tag}`);
    if (problem) {
      const { web: remote } = this.#repository.client;
      throw new Refusal('tag-not-deleted', { tag, remote, reason: problem.refused });
    }
  }

  /**
   * What an earlier call with this key made, by its tag, its trailer and what it holds; null when there is no such tag. A tag that
   * got there while the branch did not is finished, or taken back when the branch has moved on meanwhile.
   */
  async #find(cut: ReleaseCut, key: string): Promise<Release | null> {
    const tag = await this.#repository.refs.tag(cut.tag);
    if (tag === null) return null;
    const { message, parents } = await this.#objects.read(tag.commit);
    const isOurs =
      hasTrailer(message, 'Slipway-Promotion', key) &&
      parents[0]?.sha === cut.base &&
      (await holdsExactly(this.#repository.files, { base: cut.base, commit: tag.commit }, cut.files));
    if (!isOurs) {
      // Somebody merged the pull request with words of their own.
      if ((await this.#pullRequest?.mergedAs(cut, key)) === tag.commit)
        return releaseOf(cut, tag.commit, this.#links);
      throw new Refusal('tag-exists', { tag: cut.tag });
    }
    const tip = await this.#repository.refs.tip(cut.branch);
    if (tip === cut.base) return this.#moveBranch(cut, tag.commit);
    if (await this.#isPartOf(tag.commit, tip)) return releaseOf(cut, tag.commit, this.#links);
    if (!(await this.#isPartOf(cut.base, tip))) {
      throw new Refusal('branch-diverged', { branch: cut.branch, found: tip });
    }
    await this.deleteTag(cut.tag);
    throw moved(cut, tip);
  }

  async #tagMerged(cut: ReleaseCut, commit: Sha): Promise<Release> {
    const on = { commit, branch: cut.branch };
    const found = await this.#tag(cut, on, async () => {
      const there = await this.#repository.refs.tag(cut.tag);
      return there?.commit === commit ? releaseOf(cut, commit, this.#links) : null;
    });
    return found ?? releaseOf(cut, commit, this.#links);
  }

  /** Null once the tag is made; else what was there before, if that is ours. `branch`: has the commit already. */
  async #tag(
    cut: ReleaseCut,
    { commit, branch }: { readonly commit: Sha; readonly branch?: string },
    find: () => Promise<Release | null>,
  ): Promise<Release | null> {
    const { client, refs } = this.#repository;
    const tag = await this.#objects.tag(cut.tag, commit, cut.tagMessage);
    const created = await refs.create(`tags/${cut.tag}`, tag);
    if (created === 'created') return null;
    if (created !== 'exists') {
      throw tagRefused(
        client,
        cut.tag,
        created.refused,
        branch === undefined ? undefined : { commit, branch },
      );
    }
    const found = await find();
    if (found) return found;
    throw new Refusal('tag-exists', { tag: cut.tag });
  }

  /** The last step: from here on the release is complete. When it is refused, the tag goes again. */
  async #moveBranch(cut: ReleaseCut, commit: Sha): Promise<Release> {
    const { client, refs } = this.#repository;
    const result = await refs.move(cut.branch, commit);
    if (result === 'moved') return releaseOf(cut, commit, this.#links);
    const tip = await refs.tip(cut.branch);
    if (await this.#isPartOf(commit, tip)) return releaseOf(cut, commit, this.#links);
    await this.deleteTag(cut.tag);
    if (result === 'not-forward' || tip !== cut.base) throw moved(cut, tip);
    throw notWritable(client, cut.branch, result.refused);
  }

  /** Both are there for certain: a tag must not be taken back because GitHub is confused. */
  async #isPartOf(commit: Sha, tip: Sha): Promise<boolean> {
    const answer = await this.#repository.history.isAncestor(commit, tip);
    if (answer === null) throw new Unavailable('GitHub', 'does not find commits that it must have');
    return answer;
  }
}

function moved({ branch, base }: ReleaseCut, found: Sha): Refusal {
  return new Refusal('branch-moved', { branch, expected: base, found });
}
