import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import type { GithubClient } from '../../repositories/github/api/client.ts';
import { CONTENTS, type GithubPermissions } from '../../repositories/github/api/permissions.ts';
import { protectionOf } from '../../repositories/github/branch-protection.ts';
import { type GithubClientSet, githubClientSet } from '../../repositories/github/client-set.ts';
import type { GithubHistory } from '../../repositories/github/history.ts';
import type { GithubRefs } from '../../repositories/github/refs.ts';
import type { GithubSettings } from '../../repositories/github/settings.ts';
import { GithubObjects } from '../../repositories/github/writing/objects.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { branchHolds } from './branch-holds.ts';
import type { GitBranchSettings } from './git-branch.ts';

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
  return new GithubBranchTarget(settings, githubClientSet(repository, context));
}

class GithubBranchTarget implements Target {
  readonly kind = 'git-branch';
  readonly forwardOnly = true;
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #branch: string;
  readonly #client: GithubClient;
  readonly #refs: GithubRefs;
  readonly #history: GithubHistory;
  readonly #objects: GithubObjects;
  readonly #permissions: GithubPermissions;

  constructor(settings: GitBranchSettings, { client, files, history, refs, permissions }: GithubClientSet) {
    this.name = `branch ${settings.branch}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.notUndone = settings['not-undone'];
    this.#branch = settings.branch;
    this.#client = client;
    this.#refs = refs;
    this.#history = history;
    this.#objects = new GithubObjects(client, files, null);
    this.#permissions = permissions;
  }

  /** For a clone of the service's repository whose remote is called `origin`. */
  rollbackCommands({ commit }: Release): readonly string[] {
    return [
      'git fetch origin --tags',
      `git push --force-with-lease origin ${commit}:refs/heads/${this.#branch}`,
    ];
  }

  /** Proves that the login may write, and that no rule that GitHub shows stops it. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const tip = await this.#refs.branch(this.#branch, signal);
    await this.#mustTake(signal);
    return tip === null
      ? `${this.#branch} does not exist yet; the first deployment makes it.`
      : `${this.#branch} stands at ${short(tip)} and takes pushes.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const tip = await this.#refs.branch(this.#branch, signal);
    return tip === null ? null : { commit: tip };
  }

  async deployable({ tag, commit }: Release, signal?: AbortSignal): Promise<string> {
    await this.#mustExist(tag, commit);
    await this.#mustTake(signal);
    const tip = await this.#refs.branch(this.#branch, signal);
    return tip === commit
      ? `${tag} (${short(commit)}) is what ${this.#branch} holds.`
      : `${tag} (${short(commit)}) is in the repository, and ${this.#branch} can be moved to it.`;
  }

  /**
   * A deployment moves the branch forward only; a rollback moves it from where the order says that it is. GitHub
   * has no "only if it stands there" for a move back: it is looked at right before.
   */
  async start(order: DeployOrder, _key: string): Promise<DeployHandle> {
    const { commit, tag } = order.release;
    const startedAt = this.#client.now();
    const tip = await this.#refs.branch(this.#branch);
    if (tip !== commit) {
      await this.#mustExist(tag, commit);
      await this.#mustFollow(order, tip);
      await this.#move(order, tip);
    }
    return { id: `${this.#branch}@${commit.slice(0, 12)}`, startedAt, state: { from: tip } };
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const tip = await this.#refs.branch(this.#branch);
    return branchHolds({ branch: this.#branch, url: this.url }, order, handle, tip, this.#client.now());
  }

  async #move(order: DeployOrder, tip: Sha | null): Promise<void> {
    const { commit } = order.release;
    const result =
      tip === null
        ? await this.#refs.create(`heads/${this.#branch}`, commit)
        : await this.#refs.move(this.#branch, commit, order.kind === 'rollback');
    if (result === 'moved' || result === 'created') return;
    const now = await this.#refs.branch(this.#branch);
    if (now === commit) return;
    if (result === 'not-forward' || result === 'exists') throw this.#diverged(order, now);
    throw this.#notWritable(result.refused);
  }

  async #mustFollow(order: DeployOrder, tip: Sha | null): Promise<void> {
    const follows =
      order.kind === 'rollback'
        ? tip === (order.from?.commit ?? null)
        : tip === null || (await this.#history.isAncestor(tip, order.release.commit));
    if (!follows) throw this.#diverged(order, tip);
  }

  /** The commit is in the repository, and its tag, where there is one, still names it. */
  async #mustExist(tag: string, commit: Sha): Promise<void> {
    const named = tag === '' ? null : await this.#refs.tag(tag);
    if (named && named.commit !== commit) {
      throw new Refusal('release-not-deployable', {
        tag,
        reason: `the tag names ${short(named.commit)} now`,
      });
    }
    if (!named && !(await this.#objects.exists(commit))) {
      throw new Refusal('release-not-deployable', {
        tag,
        reason: `${short(commit)} is not in the repository`,
      });
    }
  }

  async #mustTake(signal: AbortSignal | undefined): Promise<void> {
    await this.#permissions.must([CONTENTS], signal);
    if ((await this.#refs.branch(this.#branch, signal)) === null) return;
    const { blocks } = await protectionOf(this.#client, this.#branch, signal);
    if (blocks !== null) throw this.#notWritable(blocks);
  }

  #notWritable(reason: string): Refusal {
    return new Refusal('not-writable', { remote: this.#client.web, branch: this.#branch, reason });
  }

  #diverged(order: DeployOrder, tip: Sha | null): Refusal {
    return new Refusal('target-diverged', {
      target: this.#branch,
      expected: order.from?.commit ?? 'nothing',
      found: tip ?? 'nothing',
    });
  }
}

function short(sha: Sha): string {
  return sha.slice(0, 8);
}
