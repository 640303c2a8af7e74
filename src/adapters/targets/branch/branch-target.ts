import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../domain/release/release.ts';
import type { DeployHandle, DeployOrder, DeployStatus, Target } from '../port.ts';
import { failed, running, SHOWN_MS, succeeded } from '../shared/status.ts';
import { short } from '../shared/words.ts';

/** A branch of a remote, as the git program or GitHub's API reaches it. */
export interface RemoteBranch {
  readonly name: string;
  /** Where it stands; null when it does not exist. */
  tip(signal?: AbortSignal): Promise<Sha | null>;
  /** Refusal `not-writable` when it is known that the branch cannot be moved from its tip to a commit (null: anywhere). */
  mustTake(commit: Sha | null, tip: Sha | null, signal?: AbortSignal): Promise<void>;
  /**
   * Refusal `not-writable` when it is known that it cannot be moved back; false where it is protected and nobody knows. Absent
   * where nothing is known before.
   */
  mayGoBack?(signal?: AbortSignal): Promise<boolean>;
  /** The commit is in the repository; Refusal `release-not-deployable`. */
  mustHave(release: Release): Promise<void>;
  /** The same, and its tag, where there is one, still names it. */
  mustName(release: Release, signal?: AbortSignal): Promise<void>;
  isAncestor(ancestor: Sha, commit: Sha): Promise<boolean | null>;
  /**
   * Moves it from where it stands to a commit; `back` also when the commit does not descend from there. `diverged`: it
   * stands elsewhere. An error says why it was not moved, as far as it is known.
   */
  move(tip: Sha | null, commit: Sha, back: boolean): Promise<'moved' | 'diverged' | Error>;
  /** Shell commands that move it to a commit, from a clone of the service's repository. */
  moveByHand(commit: Sha): readonly string[];
}

interface Options {
  readonly url?: string | undefined;
  readonly 'not-undone': readonly string[];
}

/** Production follows a branch: a deployment moves it to the release commit. */
export class BranchTarget implements Target {
  readonly kind = 'git-branch';
  readonly forwardOnly = true;
  readonly name: string;
  readonly url?: string;
  readonly notUndone: readonly string[];
  readonly #branch: RemoteBranch;
  readonly #now: () => number;

  constructor(options: Options, branch: RemoteBranch, now: () => number) {
    this.name = `branch ${branch.name}`;
    if (options.url !== undefined) this.url = options.url;
    this.notUndone = options['not-undone'];
    this.#branch = branch;
    this.#now = now;
  }

  rollbackCommands({ commit }: Release): readonly string[] {
    return this.#branch.moveByHand(commit);
  }

  /** Proves that the branch can be moved, as far as that shows without moving it. */
  async preflight(signal?: AbortSignal): Promise<string> {
    const { name } = this.#branch;
    const tip = await this.#branch.tip(signal);
    await this.#branch.mustTake(tip, tip, signal);
    return tip === null
      ? `${name} does not exist yet; the first deployment makes it.`
      : `${name} stands at ${short(tip)} and takes pushes.`;
  }

  async live(signal?: AbortSignal): Promise<Live | null> {
    const tip = await this.#branch.tip(signal);
    return tip === null ? null : { commit: tip };
  }

  async deployable(release: Release, signal?: AbortSignal): Promise<string> {
    const { tag, commit } = release;
    const [tip] = await Promise.all([this.#branch.tip(signal), this.#branch.mustName(release, signal)]);
    const { name } = this.#branch;
    await this.#branch.mustTake(commit, tip, signal);
    const isSure = (await this.#branch.mayGoBack?.(signal)) ?? true;
    const unsure = ` ${name} is protected, and whether it may be moved back shows only then: let the account of Slipway force pushes.`;
    const where =
      tip === commit
        ? `is what ${name} holds.`
        : `is in the repository, and ${name} can be moved${isSure ? '' : ' forward'} to it.`;
    return `${tag} (${short(commit)}) ${where}${isSure ? '' : unsure}`;
  }

  /**
   * A deployment moves the branch forward only; a rollback moves it from where the order says that it is, and
   * from nowhere else. The branch already at the commit is a deployment done, whoever did it: where it stood before that is
   * what the order says.
   */
  async start(order: DeployOrder, _key: string): Promise<DeployHandle> {
    const { commit } = order.release;
    const tip = await this.#branch.tip();
    if (tip !== commit) {
      await this.#branch.mustHave(order.release);
      await this.#mustFollow(order, tip);
      await this.#move(order, tip);
    }
    const from = tip === commit ? (order.from?.commit ?? null) : tip;
    const id = `${this.#branch.name}@${commit.slice(0, 12)}`;
    return { id, startedAt: this.#now(), state: { from } };
  }

  /** It is over once the branch holds the release. Right after the move it may still be shown where it stood before. */
  async follow({ release }: DeployOrder, handle: DeployHandle): Promise<DeployStatus> {
    const { id, startedAt, state } = handle;
    const [tip, now] = [await this.#branch.tip(), this.#now()];
    if (tip === release.commit) return succeeded(id, startedAt, now, { url: this.url });
    if (tip === state['from'] && now - startedAt < SHOWN_MS)
      return running(handle, now, `${this.#branch.name} is not shown at ${short(release.commit)} yet`, null);
    const found = tip === null ? 'is gone' : `stands at ${short(tip)}`;
    return failed(`${this.#branch.name} ${found}, not at ${short(release.commit)}.`);
  }

  async #mustFollow(order: DeployOrder, tip: Sha | null): Promise<void> {
    const follows =
      order.kind === 'rollback'
        ? tip === (order.from?.commit ?? null)
        : tip === null || (await this.#branch.isAncestor(tip, order.release.commit));
    if (!follows) throw this.#diverged(order, tip);
  }

  /** When it was not said to have moved, it may be there all the same. */
  async #move(order: DeployOrder, tip: Sha | null): Promise<void> {
    const { commit } = order.release;
    const moved = await this.#branch.move(tip, commit, order.kind === 'rollback');
    if (moved === 'moved') return;
    const now = await this.#branch.tip();
    if (now === commit) return;
    throw moved === 'diverged' ? this.#diverged(order, now) : moved;
  }

  #diverged(order: DeployOrder, tip: Sha | null): Refusal {
    return new Refusal('target-diverged', {
      target: this.#branch.name,
      expected: order.from?.commit ?? 'nothing',
      found: tip ?? 'nothing',
    });
  }
}

/** The tag, where the repository has it, must still name the commit. Refusal `release-not-deployable`. */
export function mustStillName({ tag, commit }: Release, named: Sha | null | undefined): void {
  if (!named || named === commit) return;
  throw new Refusal('release-not-deployable', { tag, reason: `the tag names ${short(named)} now` });
}

export function notThere({ tag, commit }: Release): Refusal {
  return new Refusal('release-not-deployable', { tag, reason: `${short(commit)} is not in the repository` });
}
