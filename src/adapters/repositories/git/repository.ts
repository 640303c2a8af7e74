import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { PathFilter } from '../../../domain/release/paths.ts';
import type { Commit, Release, Sha } from '../../../domain/release/release.ts';
import type { Blob, FilesCommit, Refs, ReleaseCut, Repository } from '../port.ts';
import type { Clone } from './clone.ts';
import { tipOf } from './refs.ts';
import type { Signer } from './signing/signer.ts';
import { notWritable } from './writing/push-failure.ts';
import { GitRecordWriter, type RecordsDetour } from './writing/record-writer.ts';
import { GitReleaseWriter, type Hand } from './writing/release-writer.ts';

/** Any git remote, through the git program. */
export class GitRepository implements Repository {
  readonly kind: string = 'git';
  readonly links: Repository['links'];
  readonly #clone: Clone;
  readonly #signer: Signer | null;
  readonly #releases: GitReleaseWriter;
  readonly #records: GitRecordWriter;

  /** `detour`: for a branch that takes no pushes; null: that is a refusal. */
  constructor(
    clone: Clone,
    hand: Hand,
    links: Repository['links'],
    now: () => number,
    detour: RecordsDetour | null = null,
  ) {
    this.links = links;
    this.#clone = clone;
    this.#releases = new GitReleaseWriter(clone, hand, links, now);
    this.#signer = hand.signer;
    this.#records = new GitRecordWriter(clone, hand, now, detour);
  }

  refs(signal?: AbortSignal): Promise<Refs> {
    return this.#clone.refs(signal);
  }

  defaultBranch(signal?: AbortSignal): Promise<string | null> {
    return this.#clone.defaultBranch(signal);
  }

  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#clone.read(commit, paths);
  }

  placesOf(commit: Sha, paths: readonly string[]): Promise<readonly string[]> {
    return this.#clone.placesOf(commit, paths);
  }

  list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    return this.#clone.list(commit, folders);
  }

  commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    return this.#clone.commits(after, until);
  }

  touching(after: Sha | null, until: Sha, paths: PathFilter): Promise<ReadonlySet<Sha>> {
    return this.#clone.touching(after, until, paths);
  }

  firstAncestor(commit: Sha, candidates: readonly Sha[]): Promise<Sha | null> {
    return this.#clone.firstAncestor(commit, candidates);
  }

  containing(commit: Sha, text: string): Promise<readonly string[]> {
    return this.#clone.containing(commit, text);
  }

  changed(from: Sha, to: Sha): Promise<readonly string[]> {
    return this.#clone.changed(from, to);
  }

  /**
   * A dry run of a push of the branch to where it stands. Over https and ssh that proves that the account may
   * push to the repository; rules for single branches are only known once something is pushed.
   */
  async writable(branch: string, signal?: AbortSignal): Promise<string | void> {
    const key = await this.#signer?.check();
    const tip = tipOf(await this.#clone.refs(signal), branch, this.#clone.remote);
    const update = { ref: `refs/heads/${branch}`, to: tip, expected: tip };
    const result = await this.#clone.push([update], { dryRun: true, atomic: false, signal });
    if (result.kind === 'broken') {
      const failure = this.#clone.failure(result);
      throw failure instanceof Refusal
        ? notWritable(this.#clone, branch, String(failure.facts['reason']))
        : failure;
    }
    if (result.kind === 'refused') throw notWritable(this.#clone, branch, result.reason);
    if (key !== undefined) return `Commits and tags are signed with the ${key}.`;
  }

  cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    return this.#releases.cut(cut, key);
  }

  commitFiles(change: FilesCommit, key: string): ReturnType<Repository['commitFiles']> {
    return this.#records.commit(change, key);
  }

  deleteTag(tag: string): Promise<void> {
    return this.#releases.deleteTag(tag);
  }

  async close(): Promise<void> {}
}
