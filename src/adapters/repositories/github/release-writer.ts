import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../domain/release/message.ts';
import type { FileChange, Release, Sha } from '../../../domain/release/release.ts';
import { checkNames, textOf } from '../checked.ts';
import type { FilesCommit, ReleaseCut, Repository } from '../port.ts';
import { CONTENTS, PULL_REQUESTS } from './api/permissions.ts';
import type { GithubClientSet } from './client-set.ts';
import { checkSha } from './files.ts';
import type { GuardedBranch } from './protected-branch.ts';
import { guardOf } from './rules.ts';
import type { GithubWriter } from './write.ts';

const MOST_ATTEMPTS = 8;

/** Cuts releases and commits reports. What an earlier call made is found on GitHub, never remembered. */
export class GithubWriting {
  readonly #repository: GithubClientSet;
  readonly #writer: GithubWriter;
  /** Null: a branch that takes no pushes is a refusal. */
  readonly #guarded: GuardedBranch | null;
  readonly #links: Repository['links'];

  constructor(
    repository: GithubClientSet,
    writer: GithubWriter,
    guarded: GuardedBranch | null,
    links: Repository['links'],
  ) {
    this.#repository = repository;
    this.#writer = writer;
    this.#guarded = guarded;
    this.#links = links;
  }

  /** Proves the permissions that a release takes, and says what the rules of the branch want. */
  async writable(branch: string, signal?: AbortSignal): Promise<string | void> {
    checkNames(branch);
    const { blocks } = await guardOf(this.#repository.client, branch, signal);
    if (blocks !== null && this.#guarded === null) throw this.#notWritable(branch, blocks);
    const needs = blocks === null ? [CONTENTS] : [CONTENTS, PULL_REQUESTS(branch)];
    await this.#repository.permissions.must(needs, signal);
    if (blocks === null) return;
    return `${branch} is protected (${blocks}): the release goes through a pull request.`;
  }

  /**
   * Commit and tag are objects that nobody sees until their refs exist. The tag's ref comes first: it alone ships
   * nothing and can be taken back; the branch then moves only forward. A crash in between is found by the tag. On a
   * protected branch the commit comes first, by pull request, and the tag names what it became.
   */
  async cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    checkNames(cut.branch, cut.tag);
    const made = await this.#findRelease(cut, key);
    if (made) return made;
    const merged = await this.#guarded?.release(cut, key);
    if (merged) return this.#tagMerged(cut, merged);

    const tip = await this.#tip(cut.branch);
    if (tip !== cut.base) throw moved(cut, tip);
    const message = withTrailer(cut.message, 'Slipway-Promotion', key);
    const commit = await this.#writer.commit({ parent: cut.base, message, files: cut.files });
    const found = await this.#tag(cut, commit, () => this.#findRelease(cut, key));
    return found ?? this.#moveBranch(cut, commit);
  }

  async commitFiles(
    change: FilesCommit,
    key: string,
  ): Promise<{ readonly commit: Sha; readonly waitsIn?: string }> {
    checkNames(change.branch);
    const paths = change.edits.map(({ path }) => path);
    let isRefused = false;
    for (let attempt = 1; ; attempt++) {
      if (attempt > MOST_ATTEMPTS) throw new Refusal('branch-moved', { branch: change.branch });
      const waiting = await this.#waitingRecords(change.branch);
      const tip = waiting ?? (await this.#tip(change.branch));
      const done = await this.#findRecord(tip, paths, key);
      if (done) return { commit: done };

      const files = await this.#edited(change, tip);
      if (files.length === 0) return { commit: tip };
      const message = withTrailer(change.message, 'Slipway-Record', key);
      const commit = await this.#writer.commit({ parent: tip, message, files });
      if (waiting === null && !isRefused) {
        const result = await this.#repository.refs.move(change.branch, commit);
        if (result === 'moved') return { commit };
        if (result === 'not-forward') continue;
        if (this.#guarded === null) throw this.#notWritable(change.branch, result.refused);
        isRefused = true;
      }
      const recorded = await this.#guarded?.record(change.branch, commit, waiting !== null);
      if (!recorded) continue;
      const { waitsIn } = recorded;
      return {
        commit: recorded.commit,
        ...(waitsIn ? { waitsIn: `pull request #${waitsIn.number} (${waitsIn.url})` } : {}),
      };
    }
  }

  async deleteTag(tag: string): Promise<void> {
    checkNames(tag);
    const problem = await this.#repository.refs.remove(`tags/${tag}`);
    if (problem) throw this.#notWritable(tag, problem.refused);
  }

  /**
   * What an earlier call with this key made, by its tag and trailer; null when there is no such tag. A tag that
   * got there while the branch did not is finished, or taken back when the branch has moved on meanwhile.
   */
  async #findRelease(cut: ReleaseCut, key: string): Promise<Release | null> {
    const tag = await this.#repository.refs.tag(cut.tag);
    if (tag === null) return null;
    const { message, parents } = await this.#writer.read(tag.commit);
    const isOurs =
      hasTrailer(message, 'Slipway-Promotion', key) && parents.some(({ sha }) => sha === cut.base);
    if (!isOurs) {
      // Somebody merged the pull request with words of their own.
      if ((await this.#guarded?.mergedAs(cut, key)) === tag.commit) return this.#release(cut, tag.commit);
      throw new Refusal('tag-exists', { tag: cut.tag });
    }
    const tip = await this.#tip(cut.branch);
    if (tip === cut.base) return this.#moveBranch(cut, tag.commit);
    if (await this.#isPartOf(tag.commit, tip)) return this.#release(cut, tag.commit);
    if (!(await this.#isPartOf(cut.base, tip))) {
      throw new Refusal('branch-diverged', { branch: cut.branch, found: tip });
    }
    await this.deleteTag(cut.tag);
    throw moved(cut, tip);
  }

  async #tagMerged(cut: ReleaseCut, commit: Sha): Promise<Release> {
    const found = await this.#tag(cut, commit, async () => {
      const there = await this.#repository.refs.tag(cut.tag);
      return there?.commit === commit ? this.#release(cut, commit) : null;
    });
    return found ?? this.#release(cut, commit);
  }

  /** Null once the tag is made; else what was there before, if that is ours. */
  async #tag(cut: ReleaseCut, commit: Sha, find: () => Promise<Release | null>): Promise<Release | null> {
    const tag = await this.#writer.tag(cut.tag, commit, cut.tagMessage);
    const created = await this.#repository.refs.create(`tags/${cut.tag}`, tag);
    if (created === 'created') return null;
    if (created !== 'exists') throw this.#notWritable(cut.tag, created.refused);
    const found = await find();
    if (found) return found;
    throw new Refusal('tag-exists', { tag: cut.tag });
  }

  /** The last step: from here on the release is complete. When it is refused, the tag goes again. */
  async #moveBranch(cut: ReleaseCut, commit: Sha): Promise<Release> {
    const result = await this.#repository.refs.move(cut.branch, commit);
    if (result === 'moved') return this.#release(cut, commit);
    const tip = await this.#tip(cut.branch);
    if (await this.#isPartOf(commit, tip)) return this.#release(cut, commit);
    await this.deleteTag(cut.tag);
    if (result === 'not-forward' || tip !== cut.base) throw moved(cut, tip);
    throw this.#notWritable(cut.branch, result.refused);
  }

  /** Both are there for certain: a tag must not be taken back because GitHub is confused. */
  async #isPartOf(commit: Sha, tip: Sha): Promise<boolean> {
    const answer = await this.#repository.history.isAncestor(commit, tip);
    if (answer === null) throw new Unavailable('GitHub', 'does not find commits that it must have');
    return answer;
  }

  /** Reports that could not be merged yet; new ones go on top of them. */
  async #waitingRecords(branch: string): Promise<Sha | null> {
    if (this.#guarded === null) return null;
    const { isProtected } = await guardOf(this.#repository.client, branch);
    return isProtected ? this.#guarded.recordsTip(branch) : null;
  }

  async #edited(change: FilesCommit, tip: Sha): Promise<readonly FileChange[]> {
    const paths = change.edits.map(({ path }) => path);
    const blobs = await this.#repository.files.read(tip, paths);
    return change.edits.flatMap(({ path, edit }, index): FileChange[] => {
      const before = textOf(blobs[index] ?? null);
      const text = edit(before);
      return text === before ? [] : [{ path, text }];
    });
  }

  async #findRecord(tip: Sha, paths: readonly string[], key: string): Promise<Sha | null> {
    for (const path of paths) {
      const commits = await this.#repository.history.touching(tip, path);
      const found = commits.find(({ message }) => hasTrailer(message, 'Slipway-Record', key));
      if (found) return found.sha;
    }
    return null;
  }

  #release(cut: ReleaseCut, commit: Sha): Release {
    const url = this.#links.tag(cut.tag);
    return { version: cut.version, tag: cut.tag, commit, ...(url ? { url } : {}) };
  }

  async #tip(branch: string): Promise<Sha> {
    const { client, refs } = this.#repository;
    const tip = await refs.branch(branch);
    if (tip === null) {
      await client.mustSee();
      throw new Refusal('branch-missing', { branch, remote: client.web });
    }
    checkSha(tip);
    return tip;
  }

  #notWritable(branch: string, reason: string): Refusal {
    return new Refusal('not-writable', { remote: this.#repository.client.web, branch, reason });
  }
}

function moved({ branch, base }: ReleaseCut, found: Sha): Refusal {
  return new Refusal('branch-moved', { branch, expected: base, found });
}
