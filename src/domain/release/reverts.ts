import { headerOf } from './conventional.ts';
import { authoredMessage, pullRequestOf } from './merge-message.ts';
import type { Commit, Sha } from './release.ts';
import { numberOf, type Revert, readRevert, withoutNumber } from './revert-message.ts';

/** A commit that undoes another one, which has not come by yet. */
interface Pending {
  readonly commit: Commit;
  readonly revert: Revert;
  /** Of those that it names, the ones that have not come by. */
  readonly shas: Set<string>;
  /** Takes back what a commit with that title counts for, should the ids be of before a rebase. */
  likely: TakeBack | null;
}

/** False when there is nothing to take back any more. */
export type TakeBack = () => boolean;

/** A commit with the title of one that is undone: whether it is that one shows in the end. */
interface Doubt {
  mayUndo(takeBack: TakeBack): void;
}

/** Commits come newest first: what a revert undoes is still to come, or was released before. */
export class PendingReverts {
  #open: Pending[] = [];

  expect(commit: Commit, revert: Revert): TakeBack {
    const pending: Pending = { commit, revert, shas: new Set(revert.shas), likely: null };
    this.#open.push(pending);
    return () => this.#drop(pending);
  }

  /** Whether a newer commit undoes this one. Undoing a revert leaves what it undid as it is. */
  takeFor(commit: Commit, isMerge: boolean): 'sure' | Doubt | null {
    // What a merge brought is told by its parents only.
    if (this.#open.length === 0 || (isMerge && !commit.parents)) return null;
    for (const pending of this.#open) {
      const sha = startOf(commit.sha, pending.shas);
      if (sha === undefined) continue;
      pending.shas.delete(sha);
      if (pending.shas.size === 0) this.#drop(pending);
      return 'sure';
    }
    const named = titleOf(commit, isMerge);
    const fitting = this.#open.filter(({ revert }) => fits(revert, named));
    const sure = fitting.find(({ revert }) => revert.shas.length === 0);
    if (sure) {
      this.#drop(sure);
      return 'sure';
    }
    const doubt = fitting.find((one) => isWhole(one) && one.likely === null);
    return doubt && !isMerge
      ? {
          mayUndo: (takeBack) => {
            doubt.likely = takeBack;
          },
        }
      : null;
  }

  get doubtful(): readonly Sha[] {
    return this.#open.flatMap(({ likely, shas }) => (likely ? [...shas] : []));
  }

  /** Those whose other half did not come. */
  finish(lost: ReadonlySet<Sha>): readonly { readonly commit: Commit; readonly revert: Revert }[] {
    for (const pending of [...this.#open]) {
      const { likely, shas } = pending;
      const isLost = likely && this.#open.includes(pending) && [...shas].every((sha) => lost.has(sha));
      if (isLost && likely()) this.#drop(pending);
    }
    const left = this.#open;
    this.#open = [];
    return left;
  }

  #drop(pending: Pending): boolean {
    const before = this.#open.length;
    this.#open = this.#open.filter((one) => one !== pending);
    return this.#open.length < before;
  }
}

function startOf(sha: Sha, starts: ReadonlySet<string>): string | undefined {
  for (const start of starts) if (sha.startsWith(start)) return start;
  return undefined;
}

/** Nothing that it names has come by, and all of it is whole ids, which can be asked for. */
function isWhole({ revert, shas }: Pending): boolean {
  return shas.size === new Set(revert.shas).size && [...shas].every((sha) => /^(?:.{40}|.{64})$/.test(sha));
}

interface Title {
  readonly subjects: readonly string[];
  readonly number: string | null;
  readonly revert: Revert | null;
  readonly isMerge: boolean;
}

function titleOf({ message }: Commit, isMerge: boolean): Title {
  const authored = authoredMessage(message);
  const headers = [headerOf(message), headerOf(authored)].map((header) => header.trim());
  return {
    subjects: headers.map(withoutNumber),
    number: pullRequestOf(message) ?? headers.map(numberOf).find((number) => number !== null) ?? null,
    revert: readRevert(authored),
    isMerge,
  };
}

/** By the title, and by the number of the pull request where both name one. */
function fits(undoing: Revert, { subjects, number, revert, isMerge }: Title): boolean {
  if (!agree(undoing.number, number)) return false;
  if (undoing.kind === 'back') {
    return (
      revert?.kind === 'revert' &&
      revert.subject === undoing.subject &&
      agree(revert.original, undoing.original)
    );
  }
  return subjects.includes(undoing.subject) || (isMerge && undoing.number !== null && number !== null);
}

function agree(a: string | null, b: string | null): boolean {
  return a === null || b === null || a === b;
}

/** What merges brought that were undone since: what is behind their other parents, and not behind their first one. */
export class UndoneMerges {
  #open: { readonly kept: Set<Sha>; readonly gone: Set<Sha> }[] = [];

  begin({ parents: [first, ...others] = [] }: Commit): void {
    if (first !== undefined && others.length > 0) {
      this.#open.push({ kept: new Set([first]), gone: new Set(others) });
    }
  }

  /** Whether a commit is such; to be asked of each in turn, newest first. */
  has({ sha, parents = [] }: Commit): boolean {
    let isGone = false;
    for (const { kept, gone } of this.#open) {
      const [wasKept, wasGone] = [kept.delete(sha), gone.delete(sha)];
      isGone ||= wasGone && !wasKept;
      const side = wasKept ? kept : gone;
      if (wasKept || wasGone) for (const parent of parents) side.add(parent);
    }
    if (this.#open.some(({ gone }) => gone.size === 0))
      this.#open = this.#open.filter(({ gone }) => gone.size > 0);
    return isGone;
  }
}
