import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import { isRefName } from '../../repositories/checked.ts';
import { Clone } from '../../repositories/git/clone.ts';
import type { PushResult } from '../../repositories/git/push.ts';
import { openRemote, type Remote, RemoteSettings } from '../../repositories/git/remote.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { branchHolds } from './branch-holds.ts';

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

/** `repository` is the remote that the releases are cut on. */
export function openGitBranch(
  settings: GitBranchSettings,
  context: AdapterContext,
  repository: RemoteSettings,
): Target {
  const source = openRemote(repository, context);
  const remote = settings.remote ? openRemote(settings.remote, context) : source;
  return new GitBranchTarget(settings, new Clone(context, source), remote, context.now);
}

class GitBranchTarget implements Target {
  readonly kind = 'git-branch';
  readonly forwardOnly = true;
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #branch: string;
  readonly #ref: string;
  readonly #clone: Clone;
  readonly #remote: Remote;
  /** Whether the branch lives in another repository than the releases. */
  readonly #elsewhere: boolean;
  readonly #now: () => number;

  constructor(settings: GitBranchSettings, clone: Clone, remote: Remote, now: () => number) {
    this.name = `branch ${settings.branch}`;
    if (settings.url !== undefined) this.url = settings.url;
    this.notUndone = settings['not-undone'];
    this.#branch = settings.branch;
    this.#ref = `refs/heads/${settings.branch}`;
    this.#clone = clone;
    this.#remote = remote;
    this.#elsewhere = settings.remote !== undefined;
    this.#now = now;
  }

  /** For a clone of the service's repository whose remote is called `origin`. */
  rollbackCommands({ commit }: Release): readonly string[] {
    const update = quoted(`${commit}:${this.#ref}`);
    return this.#elsewhere
      ? ['git fetch origin --tags', `git push --force ${quoted(this.#remote.url)} ${update}`]
      : ['git fetch origin --tags', `git push --force-with-lease origin ${update}`];
  }

  /** A dry run of a push to where the branch stands: proves the account, not the rules for this branch. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const tip = await this.#tip(signal);
    if (tip === null) {
      return `${this.#branch} does not exist yet; the first deployment makes it.`;
    }
    await this.#mustTake(tip, tip, signal);
    return `${this.#branch} stands at ${short(tip)} and takes pushes.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const tip = await this.#tip(signal);
    return tip === null ? null : { commit: tip };
  }

  /** The commit is in the repository and its tag still names it; a dry run shows that the push would be taken. */
  async deployable({ tag, commit }: Release, signal?: AbortSignal): Promise<string> {
    const [refs, tip] = await Promise.all([this.#clone.refs(signal), this.#tip(signal)]);
    const named = refs.tags.find(({ name }) => name === tag);
    if (named && named.commit !== commit) {
      throw new Refusal('release-not-deployable', {
        tag,
        reason: `the tag names ${short(named.commit)} now`,
      });
    }
    if (!(await this.#clone.has(commit))) {
      throw new Refusal('release-not-deployable', {
        tag,
        reason: `${short(commit)} is not in the repository`,
      });
    }
    await this.#mustTake(commit, tip, signal);
    return tip === commit
      ? `${tag} (${short(commit)}) is what ${this.#branch} holds.`
      : `${tag} (${short(commit)}) is in the repository, and ${this.#branch} can be moved to it.`;
  }

  /**
   * A deployment moves the branch forward only; a rollback moves it from where the order says that it is, and
   * from nowhere else. The branch already at the commit is a deployment done, whoever did it.
   */
  async start(order: DeployOrder, _key: string): Promise<DeployHandle> {
    const { commit } = order.release;
    const startedAt = this.#now();
    const tip = await this.#tip();
    if (tip !== commit) {
      await this.#mustFollow(order, tip);
      const update = { ref: this.#ref, to: commit, expected: tip };
      const result = await this.#clone.push([update], { atomic: false, to: this.#remote });
      if (result.kind !== 'pushed') await this.#mustBeThere(order, result);
    }
    return { id: `${this.#branch}@${commit.slice(0, 12)}`, startedAt, state: { from: tip } };
  }

  async follow(order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const tip = await this.#tip();
    return branchHolds({ branch: this.#branch, url: this.url }, order, handle, tip, this.#now());
  }

  async #tip(signal?: AbortSignal): Promise<Sha | null> {
    const lines = await this.#clone.remoteRefs(this.#remote, signal);
    return lines.find(({ name }) => `refs/${name}` === this.#ref)?.id ?? null;
  }

  async #mustFollow(order: DeployOrder, tip: Sha | null): Promise<void> {
    const { commit, tag } = order.release;
    if (!(await this.#clone.has(commit))) {
      throw new Refusal('release-not-deployable', {
        tag,
        reason: `${short(commit)} is not in the repository`,
      });
    }
    const follows =
      order.kind === 'rollback'
        ? tip === (order.from?.commit ?? null)
        : tip === null || (await this.#clone.isAncestor(tip, commit));
    if (!follows) throw this.#diverged(order, tip);
  }

  /** After a push that did not say that it went well: the branch may be there all the same. */
  async #mustBeThere(order: DeployOrder, result: Exclude<PushResult, { kind: 'pushed' }>): Promise<void> {
    const tip = await this.#tip();
    if (tip === order.release.commit) return;
    if (result.kind === 'stale') throw this.#diverged(order, tip);
    throw this.#refused(result);
  }

  async #mustTake(commit: Sha, expected: Sha | null, signal: AbortSignal | undefined): Promise<void> {
    const update = { ref: this.#ref, to: commit, expected };
    const result = await this.#clone.push([update], {
      dryRun: true,
      atomic: false,
      to: this.#remote,
      signal,
    });
    if (result.kind !== 'pushed' && result.kind !== 'stale') throw this.#refused(result);
  }

  #diverged(order: DeployOrder, tip: Sha | null): Refusal {
    return new Refusal('target-diverged', {
      target: this.#branch,
      expected: order.from?.commit ?? 'nothing',
      found: tip ?? 'nothing',
    });
  }

  #refused(result: Exclude<PushResult, { kind: 'pushed' }>): Error {
    if (result.kind === 'broken') return this.#clone.failure(result, this.#remote);
    const reason = result.kind === 'refused' ? result.reason : 'the host does not say why';
    return new Refusal('not-writable', { remote: this.#remote.url, branch: this.#branch, reason });
  }
}

function short(sha: Sha): string {
  return sha.slice(0, 8);
}

/** A word for a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
