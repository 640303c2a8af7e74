import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Release, Sha } from '../../../domain/release/release.ts';
import { CONTENTS } from '../../repositories/github/api/needs.ts';
import { type GithubClientSet, githubClientSet } from '../../repositories/github/client-set.ts';
import { mayGoBack, protectionOf } from '../../repositories/github/rules/branch-protection.ts';
import type { GithubSettings } from '../../repositories/github/settings.ts';
import { notWritable } from '../../repositories/github/writing/branches.ts';
import { GithubObjects } from '../../repositories/github/writing/objects.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { Target } from '../port.ts';
import { BranchTarget, mustStillName, notThere, type RemoteBranch } from './branch-target.ts';
import type { GitBranchSettings } from './git-branch.ts';

const NO_WAY_BACK =
  'its rules block force pushes, so a rollback could not move it back; let Slipway bypass that rule';

/** `use: git-branch` in a repository that is reached through GitHub's API. */
export function openGithubBranch(
  settings: GitBranchSettings,
  context: AdapterContext,
  repository: GithubSettings,
): Target {
  if (settings.remote) {
    throw new Refusal('target-misconfigured', {
      target: `branch ${settings.branch}`,
      reason: 'a branch in another repository needs `repository: { use: git }`; leave `remote` out',
    });
  }
  const branch = new GithubBranch(settings.branch, githubClientSet(repository, context));
  return new BranchTarget(settings, branch, context.now);
}

/** The branch through GitHub's API. */
class GithubBranch implements RemoteBranch {
  readonly name: string;
  readonly #repository: GithubClientSet;
  readonly #objects: GithubObjects;

  constructor(name: string, repository: GithubClientSet) {
    this.name = name;
    this.#repository = repository;
    this.#objects = new GithubObjects(repository, null);
  }

  tip(signal?: AbortSignal): Promise<Sha | null> {
    return this.#repository.refs.branch(this.name, signal);
  }

  /** Proves that the login may write, and that no rule that GitHub shows stops it. */
  async mustTake(_commit: Sha | null, tip: Sha | null, signal?: AbortSignal): Promise<void> {
    const { client, permissions } = this.#repository;
    await permissions.must([CONTENTS], signal);
    if (tip === null) return;
    const { blocks } = await protectionOf(client, this.name, signal);
    if (blocks !== null) throw notWritable(client, this.name, blocks);
  }

  async mayGoBack(signal?: AbortSignal): Promise<boolean> {
    const { client } = this.#repository;
    const may = await mayGoBack(client, this.name, signal);
    if (may === 'no') throw notWritable(client, this.name, NO_WAY_BACK);
    return may === 'yes';
  }

  async mustHave(release: Release): Promise<void> {
    const { tag, commit } = release;
    const named = tag === '' ? null : await this.#repository.refs.tag(tag);
    mustStillName(release, named?.commit);
    if (!named && !(await this.#objects.exists(commit))) throw notThere(release);
  }

  mustName(release: Release): Promise<void> {
    return this.mustHave(release);
  }

  isAncestor(ancestor: Sha, commit: Sha): Promise<boolean | null> {
    return this.#repository.history.isAncestor(ancestor, commit);
  }

  /** GitHub has no "only if it stands there" for a move back: it was looked at right before. */
  async move(tip: Sha | null, commit: Sha, back: boolean): Promise<'moved' | 'diverged' | Error> {
    const { client, refs } = this.#repository;
    const result =
      tip === null
        ? await refs.create(`heads/${this.name}`, commit)
        : await refs.move(this.name, commit, back);
    if (result === 'moved' || result === 'created') return 'moved';
    if (result === 'not-forward' || result === 'exists') return 'diverged';
    return notWritable(client, this.name, result.refused);
  }

  /** For a clone whose remote is called `origin`. */
  moveByHand(commit: Sha): readonly string[] {
    return [
      'git fetch origin --tags',
      `git push --force-with-lease origin ${commit}:refs/heads/${this.name}`,
    ];
  }
}
