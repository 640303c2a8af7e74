import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../../domain/release/release.ts';
import { isRefName } from '../../repositories/checked.ts';
import { Clone } from '../../repositories/git/clone.ts';
import type { PushResult } from '../../repositories/git/push.ts';
import { openRemote, type Remote, RemoteSettings } from '../../repositories/git/remote.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { Target } from '../port.ts';
import { quoted } from '../shared/words.ts';
import { BranchTarget, mustStillName, notThere, type RemoteBranch } from './branch-target.ts';

export const GitBranchSettings = z
  .strictObject({
    use: z.literal('git-branch'),
    branch: z
      .string()
      .refine(isRefName, 'the name of a branch')
      .default('production')
      .meta({ description: 'The branch that production runs from.' }),
    remote: RemoteSettings.optional().meta({
      description: 'Where that branch lives, when it is not the repository of the service.',
    }),
    url: z.url().optional().meta({ description: 'Address of production, shown as a link.' }),
    'not-undone': z.array(z.string().min(1)).default([]).meta({
      description: 'What moving the branch back does not undo: "environment variables".',
    }),
  })
  .meta({ description: 'Production follows a branch: a deployment moves it to the release commit.' });
export type GitBranchSettings = z.infer<typeof GitBranchSettings>;

/** `source` is the remote that the releases are cut on. */
export function openGitBranch(settings: GitBranchSettings, context: AdapterContext, source: Remote): Target {
  const elsewhere = settings.remote ? openRemote(settings.remote, context) : null;
  const branch = new GitBranch(settings.branch, new Clone(context, source), elsewhere);
  return new BranchTarget(settings, branch, context.now);
}

/** The branch by the git program. */
class GitBranch implements RemoteBranch {
  readonly name: string;
  readonly #ref: string;
  readonly #clone: Clone;
  readonly #remote: Remote;
  /** Whether the branch lives in another repository than the releases. */
  readonly #elsewhere: boolean;

  constructor(name: string, clone: Clone, elsewhere: Remote | null) {
    this.name = name;
    this.#ref = `refs/heads/${name}`;
    this.#clone = clone;
    this.#remote = elsewhere ?? clone.remote;
    this.#elsewhere = elsewhere !== null;
  }

  async tip(signal?: AbortSignal): Promise<Sha | null> {
    const lines = await this.#clone.remoteRefs(this.#remote, signal);
    return lines.find(({ name }) => `refs/${name}` === this.#ref)?.id ?? null;
  }

  /** A dry run of a push: proves the account, not the rules for this branch. */
  async mustTake(commit: Sha | null, tip: Sha | null, signal?: AbortSignal): Promise<void> {
    if (commit === null) return;
    const result = await this.#push(commit, tip, { dryRun: true, signal });
    if (result.kind !== 'pushed' && result.kind !== 'stale') throw this.#refused(result);
  }

  async mustHave(release: Release): Promise<void> {
    if (!(await this.#clone.has(release.commit))) throw notThere(release);
  }

  async mustName(release: Release, signal?: AbortSignal): Promise<void> {
    const { tags } = await this.#clone.refs(signal);
    mustStillName(release, tags.find(({ name }) => name === release.tag)?.commit);
    await this.mustHave(release);
  }

  isAncestor(ancestor: Sha, commit: Sha): Promise<boolean> {
    return this.#clone.isAncestor(ancestor, commit);
  }

  async move(tip: Sha | null, commit: Sha): Promise<'moved' | 'diverged' | Error> {
    const result = await this.#push(commit, tip);
    if (result.kind === 'pushed') return 'moved';
    return result.kind === 'stale' ? 'diverged' : this.#refused(result);
  }

  /** For a clone whose remote is called `origin`. */
  moveByHand(commit: Sha): readonly string[] {
    const update = quoted(`${commit}:${this.#ref}`);
    return this.#elsewhere
      ? ['git fetch origin --tags', `git push --force ${quoted(this.#remote.url)} ${update}`]
      : ['git fetch origin --tags', `git push --force-with-lease origin ${update}`];
  }

  /** From where it is expected, and from nowhere else. */
  #push(
    commit: Sha,
    expected: Sha | null,
    options: { readonly dryRun?: boolean; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<PushResult> {
    const update = { ref: this.#ref, to: commit, expected };
    return this.#clone.push([update], { ...options, atomic: false, to: this.#remote });
  }

  #refused(result: Exclude<PushResult, { kind: 'pushed' | 'stale' }>): Error {
    if (result.kind === 'broken') return this.#clone.failure(result, this.#remote);
    const reason = result.kind === 'refused' ? result.reason : 'the host does not say why';
    return new Refusal('not-writable', { remote: this.#remote.url, branch: this.name, reason });
  }
}
