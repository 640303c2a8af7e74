import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { hasTrailer, withTrailer } from '../../../domain/release/message.ts';
import type { Commit, FileChange, Release, Sha } from '../../../domain/release/release.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import { checkNames, textOf } from '../checked.ts';
import type { Identity } from '../commit.ts';
import type { Blob, FilesCommit, Refs, ReleaseCut, Repository } from '../port.ts';
import { repositorySettings } from '../settings.ts';
import { Clone } from './clone.ts';
import type { PushResult, RefUpdate } from './push.ts';
import { openRemote, remoteShape } from './remote.ts';
import { webLinks } from './web-links.ts';

const DEFAULT_COMMITTER: Identity = { name: 'Slipway', email: 'slipway@users.noreply.invalid' };
const MOST_ATTEMPTS = 5;

export const GitRepositorySettings = z
  .strictObject({
    use: z.literal('git'),
    ...remoteShape,
    committer: z
      .strictObject({ name: z.string().min(1), email: z.string().min(3) })
      .optional()
      .meta({
        description: 'Who the release commits and tags are by. Default: Slipway, with a neutral address.',
      }),
    web: z
      .enum(['github', 'gitlab', 'bitbucket', 'gitea'])
      .optional()
      .meta({ description: 'Which web pages the host has, when its name does not tell.' }),
    ...repositorySettings,
  })
  .meta({ description: 'Any git remote, through the git program.' });
export type GitRepositorySettings = z.infer<typeof GitRepositorySettings>;

export const gitRepository = defineKind({ settings: GitRepositorySettings, open: openGitRepository });

export function openGitRepository(settings: GitRepositorySettings, context: AdapterContext): Repository {
  const remote = openRemote(settings, context);
  return new GitRepository(
    new Clone(context, remote),
    settings.committer ?? DEFAULT_COMMITTER,
    webLinks(remote.url, settings.web),
    context.now,
  );
}

class GitRepository implements Repository {
  readonly kind = 'git';
  readonly links: Repository['links'];
  readonly #clone: Clone;
  readonly #committer: Identity;
  readonly #now: () => number;

  constructor(repository: Clone, committer: Identity, links: Repository['links'], now: () => number) {
    this.#clone = repository;
    this.#committer = committer;
    this.links = links;
    this.#now = now;
  }

  refs(signal?: AbortSignal): Promise<Refs> {
    return this.#clone.refs(signal);
  }

  read(commit: Sha, paths: readonly string[]): Promise<readonly (Blob | null)[]> {
    return this.#clone.read(commit, paths);
  }

  list(commit: Sha, folders: readonly string[]): Promise<readonly string[]> {
    return this.#clone.list(commit, folders);
  }

  commits(after: Sha | null, until: Sha): AsyncIterable<Commit> {
    return this.#clone.commits(after, until);
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
  async writable(branch: string, signal?: AbortSignal): Promise<void> {
    const tip = this.#tip(await this.#clone.refs(signal), branch);
    const update = { ref: `refs/heads/${branch}`, to: tip, expected: tip };
    const result = await this.#clone.push([update], { dryRun: true, atomic: false, signal });
    if (result.kind === 'broken') {
      const failure = this.#clone.failure(result);
      throw failure instanceof Refusal ? this.#notWritable(branch, String(failure.facts['reason'])) : failure;
    }
    if (result.kind === 'refused') throw this.#notWritable(branch, result.reason);
  }

  /**
   * Tries first and looks afterwards: the push names where both refs must stand, so a second call with the same
   * key is turned away by the remote, and then finds what the first one made.
   */
  async cutRelease(cut: ReleaseCut, key: string): Promise<Release> {
    checkNames(cut.branch, cut.tag);
    const written = await this.#clone.write({
      parent: cut.base,
      message: withTrailer(cut.message, 'Slipway-Promotion', key),
      files: cut.files,
      by: this.#committer,
      at: this.#now(),
      tag: { name: cut.tag, message: cut.tagMessage },
    });
    const branch = { ref: `refs/heads/${cut.branch}`, to: written.commit, expected: cut.base };
    const tag = { ref: `refs/tags/${cut.tag}`, to: written.tag, expected: null };
    const result = await this.#pushRelease(branch, tag);
    if (result.kind === 'pushed') return this.#release(cut, written.commit);

    const made = await this.#findRelease(cut, key);
    if (made) return made;
    throw this.#failure(result, cut.branch);
  }

  async commitFiles(change: FilesCommit, key: string): Promise<{ readonly commit: Sha }> {
    checkNames(change.branch);
    const paths = change.edits.map(({ path }) => path);
    for (let attempt = 1; ; attempt++) {
      const tip = this.#tip(await this.#clone.refs(), change.branch);
      const done = await this.#findRecord(tip, key);
      if (done) return { commit: done };

      const blobs = await this.#clone.read(tip, paths);
      const files = change.edits.flatMap(({ path, edit }, index): FileChange[] => {
        const before = textOf(blobs[index] ?? null);
        const text = edit(before);
        return text === before ? [] : [{ path, text }];
      });
      if (files.length === 0) return { commit: tip };

      const message = withTrailer(change.message, 'Slipway-Record', key);
      const written = await this.#clone.write({
        parent: tip,
        message,
        files,
        by: this.#committer,
        at: this.#now(),
      });
      const update = { ref: `refs/heads/${change.branch}`, to: written.commit, expected: tip };
      const result = await this.#clone.push([update], { atomic: false });
      if (result.kind === 'pushed') return { commit: written.commit };
      if (result.kind === 'broken') {
        const now = await this.#clone.refs();
        const found = await this.#findRecord(this.#tip(now, change.branch), key);
        if (found) return { commit: found };
      }
      if (result.kind !== 'stale' || attempt === MOST_ATTEMPTS) throw this.#failure(result, change.branch);
    }
  }

  async deleteTag(tag: string): Promise<void> {
    checkNames(tag);
    const ref = `refs/tags/${tag}`;
    const lines = await this.#clone.remoteRefs(this.#clone.remote);
    const there = lines.find(({ name }) => `refs/${name}` === ref);
    if (!there) return;
    const result = await this.#clone.push([{ ref, to: null, expected: there.id }], { atomic: false });
    if (result.kind !== 'pushed') throw this.#failure(result, tag);
  }

  async close(): Promise<void> {}

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
   * What an earlier call with this key made, by its tag and trailer. Refusals: `tag-exists` when the tag is
   * somebody else's, `branch-missing`, `branch-moved`; null when nothing of it is there and it may be tried again.
   */
  async #findRelease(cut: ReleaseCut, key: string): Promise<Release | null> {
    const refs = await this.#clone.refs();
    const tip = this.#tip(refs, cut.branch);
    const tag = refs.tags.find(({ name }) => name === cut.tag);
    if (!tag) {
      if (tip === cut.base) return null;
      throw new Refusal('branch-moved', { branch: cut.branch, expected: cut.base, found: tip });
    }
    if (!(await this.#isOurs(tag.commit, cut.base, key))) throw new Refusal('tag-exists', { tag: cut.tag });
    if (tip !== cut.base || tag.commit === tip) return this.#withBranch(cut, tag.commit, tip);
    // Only on hosts that cannot push both at once: the tag got there, the branch did not.
    const update = { ref: `refs/heads/${cut.branch}`, to: tag.commit, expected: cut.base };
    const result = await this.#clone.push([update], { atomic: false });
    if (result.kind !== 'pushed') throw this.#failure(result, cut.branch);
    return this.#release(cut, tag.commit);
  }

  /** The branch must still contain the release; if it does not, somebody rewrote it, and the tag is evidence. */
  async #withBranch(cut: ReleaseCut, commit: Sha, tip: Sha): Promise<Release> {
    if (await this.#clone.isAncestor(commit, tip)) return this.#release(cut, commit);
    throw new Refusal('branch-diverged', { branch: cut.branch, found: tip });
  }

  async #isOurs(commit: Sha, base: Sha, key: string): Promise<boolean> {
    for await (const found of this.#clone.commits(base, commit)) {
      return found.sha === commit && hasTrailer(found.message, 'Slipway-Promotion', key);
    }
    return false;
  }

  async #findRecord(tip: Sha, key: string): Promise<Sha | null> {
    const found = await this.#clone.find(tip, 'Slipway-Record: ', ({ message }) =>
      hasTrailer(message, 'Slipway-Record', key),
    );
    return found?.sha ?? null;
  }

  #release(cut: ReleaseCut, commit: Sha): Release {
    const url = this.links.tag(cut.tag);
    return { version: cut.version, tag: cut.tag, commit, ...(url ? { url } : {}) };
  }

  #tip(refs: Refs, branch: string): Sha {
    const tip = Object.hasOwn(refs.branches, branch) ? refs.branches[branch] : undefined;
    if (tip === undefined) throw new Refusal('branch-missing', { branch, remote: this.#clone.remote.url });
    return tip;
  }

  #failure(result: Exclude<PushResult, { kind: 'pushed' }>, branch: string): Error {
    switch (result.kind) {
      case 'broken':
        return this.#clone.failure(result);
      case 'refused':
        return this.#notWritable(branch, result.reason);
      case 'stale':
        return this.#clone.failure({
          code: 1,
          stderr: `the remote did not take ${branch} and says that it has not moved`,
        });
      case 'atomic-unsupported':
        return this.#notWritable(branch, 'the host cannot push branch and tag together');
    }
  }

  #notWritable(branch: string, reason: string): Refusal {
    return new Refusal('not-writable', { remote: this.#clone.remote.url, branch, reason });
  }
}
