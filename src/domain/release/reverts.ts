import { headerOf } from './conventional.ts';
import { authoredMessage, pullRequestOf } from './merge-message.ts';
import type { Commit, Sha } from './release.ts';
import { numberOf, type Revert, readRevert, withoutNumber } from './revert-message.ts';

/** A commit that undoes another one, which has not come by yet. */
interface Pending {
  /** They are counted as they come. */
  readonly nr: number;
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

/** As many digits as the shortest id has that a revert names. */
const SHORTEST = 7;

/** Commits come newest first: what a revert undoes is still to come, or was released before. */
export class PendingReverts {
  readonly #open = new Set<Pending>();
  /** The same by what a commit can be found by, so that each commit is held against few of them. */
  readonly #byKey = new Map<string, Set<Pending>>();
  #count = 0;

  expect(commit: Commit, revert: Revert): TakeBack {
    const pending: Pending = { nr: this.#count++, commit, revert, shas: new Set(revert.shas), likely: null };
    this.#open.add(pending);
    for (const key of [...shaKeys(pending), ...titleKeys(pending)]) {
      const same = this.#byKey.get(key);
      if (same) same.add(pending);
      else this.#byKey.set(key, new Set([pending]));
    }
    return () => this.#drop(pending);
  }

  /** Whether a newer commit undoes this one. Undoing a revert leaves what it undid as it is. */
  takeFor(commit: Commit, isMerge: boolean): 'sure' | Doubt | null {
    // What a merge brought is told by its parents only.
    if (this.#open.size === 0 || (isMerge && !commit.parents)) return null;
    for (const pending of this.#byKey.get(shaKey(commit.sha)) ?? []) {
      const sha = startOf(commit.sha, pending.shas);
      if (sha === undefined) continue;
      pending.shas.delete(sha);
      this.#forget(pending, titleKeys(pending));
      if (pending.shas.size === 0) this.#drop(pending);
      return 'sure';
    }
    const named = titleOf(commit, isMerge);
    const sure = this.#first('sure', named);
    if (sure) {
      this.#drop(sure);
      return 'sure';
    }
    const doubt = isMerge ? null : this.#first('doubt', named);
    return (
      doubt && {
        mayUndo: (takeBack) => {
          doubt.likely = takeBack;
          this.#forget(doubt, titleKeys(doubt));
        },
      }
    );
  }

  get doubtful(): readonly Sha[] {
    return [...this.#open].flatMap(({ likely, shas }) => (likely ? [...shas] : []));
  }

  /** Those whose other half did not come. */
  finish(lost: ReadonlySet<Sha>): readonly { readonly commit: Commit; readonly revert: Revert }[] {
    for (const pending of [...this.#open]) {
      const { likely, shas } = pending;
      const isLost = likely && this.#open.has(pending) && [...shas].every((sha) => lost.has(sha));
      if (isLost && likely()) this.#drop(pending);
    }
    const left = [...this.#open];
    for (const pending of left) this.#drop(pending);
    return left;
  }

  /** The first that came of those that the title fits. */
  #first(certainty: Certainty, named: Title): Pending | null {
    const { subjects, number, revert, isMerge } = named;
    const keys = subjects.map((subject) => titleKey(certainty, 'revert', subject));
    if (revert?.kind === 'revert') keys.push(titleKey(certainty, 'back', revert.subject));
    if (isMerge && number !== null) keys.push(numberKey(number));
    let first: Pending | null = null;
    for (const key of keys) {
      for (const pending of this.#byKey.get(key) ?? []) {
        if (!fits(pending.revert, named)) continue;
        if (first === null || pending.nr < first.nr) first = pending;
        break;
      }
    }
    return first;
  }

  #drop(pending: Pending): boolean {
    this.#forget(pending, [...shaKeys(pending), ...titleKeys(pending)]);
    return this.#open.delete(pending);
  }

  #forget(pending: Pending, keys: readonly string[]): void {
    for (const key of keys) {
      const same = this.#byKey.get(key);
      same?.delete(pending);
      if (same?.size === 0) this.#byKey.delete(key);
    }
  }
}

/** Whether the title alone says what is undone, or only should the ids be of before a rebase. */
type Certainty = 'sure' | 'doubt';

const shaKey = (sha: string) => `sha ${sha.slice(0, SHORTEST)}`;
const numberKey = (number: string) => `number ${number}`;
const titleKey = (certainty: Certainty, kind: Revert['kind'], subject: string) =>
  `${certainty} ${kind} ${subject}`;

function shaKeys({ revert }: Pending): readonly string[] {
  return revert.shas.map(shaKey);
}

/** None where ids are cut short: those cannot be asked for. */
function titleKeys({ revert: { kind, subject, number, shas } }: Pending): readonly string[] {
  const isWhole = shas.every((sha) => /^(?:.{40}|.{64})$/.test(sha));
  if (shas.length > 0) return isWhole ? [titleKey('doubt', kind, subject)] : [];
  return [titleKey('sure', kind, subject), ...(number === null ? [] : [numberKey(number)])];
}

function startOf(sha: Sha, starts: ReadonlySet<string>): string | undefined {
  for (const start of starts) if (sha.startsWith(start)) return start;
  return undefined;
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
