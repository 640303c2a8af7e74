import { names } from './policy.ts';
import type { Policy, Requirement } from './service.ts';

/** A person who approved, with the groups of the policy that they are in now. */
export interface Voter {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface VoteCount {
  /** Approvals that are still needed, from different people. */
  readonly missing: number;
  /** Requirements that nobody meets yet. */
  readonly wanted: readonly Requirement[];
}

/**
 * Counts approvals against the policy: N people in all, and for each requirement its own number of people. One
 * person meets one requirement at a time ("one of A and one of B" takes two people), chosen so that as many
 * requirements as possible are met.
 */
export function voteCount(policy: Policy, voters: readonly Voter[]): VoteCount {
  const people = [...new Map(voters.map((voter) => [voter.user, voter])).values()];
  const seats = policy.requirements.flatMap((requirement) =>
    Array.from({ length: requirement.count }, () => requirement),
  );
  const fits = ({ who }: Requirement, { user, groups }: Voter) => names(who, user, groups);
  const taken = new Set(matching(seats, people, fits).values());
  const empty = seats.filter((_seat, index) => !taken.has(index));
  return {
    missing: Math.max(policy.approvals - people.length, empty.length),
    wanted: policy.requirements.filter((requirement) => empty.includes(requirement)),
  };
}

/**
 * The same when some of these voters may be authors whom nobody knows; for each such author, whether a voter may be that
 * one. Each author may be another voter: whoever of them is left out, the others have to be enough.
 */
export function voteCountInDoubt(
  policy: Policy,
  voters: readonly Voter[],
  authors: readonly ((voter: Voter) => boolean)[],
): VoteCount {
  const people = [...new Map(voters.map((voter) => [voter.user, voter])).values()];
  let worst = voteCount(policy, people);
  if (!people.some((voter) => authors.some((mayBe) => mayBe(voter)))) return worst;
  // It is worst when as many as possible are left out of those who could meet some of the requirements (Hall's theorem).
  for (const some of subsets(policy.requirements)) {
    const meets = ({ user, groups }: Voter) => some.some(({ who }) => names(who, user, groups));
    const first = [...people.filter(meets), ...people.filter((voter) => !meets(voter))];
    const out = new Set(matching(first, authors, (voter, mayBe) => mayBe(voter)).values());
    const left = voteCount(
      policy,
      first.filter((_voter, index) => !out.has(index)),
    );
    if (left.missing > worst.missing) worst = left;
  }
  return worst;
}

/** All of them, the empty one first. */
function subsets<T>(all: readonly T[]): readonly (readonly T[])[] {
  const found: (readonly T[])[] = [[]];
  for (const one of all) found.push(...found.map((some) => [...some, one]));
  return found;
}

/**
 * Largest matching, by augmenting paths: index of the right one → index of the left one. The left ones that come first
 * are matched before others.
 */
function matching<L, R>(
  lefts: readonly L[],
  rights: readonly R[],
  fits: (left: L, right: R) => boolean,
): ReadonlyMap<number, number> {
  const leftOf = new Map<number, number>();
  const place = (index: number, left: L, tried: Set<number>): boolean => {
    for (const [at, right] of rights.entries()) {
      if (tried.has(at) || !fits(left, right)) continue;
      tried.add(at);
      const other = leftOf.get(at);
      if (other === undefined || place(other, lefts[other] as L, tried)) {
        leftOf.set(at, index);
        return true;
      }
    }
    return false;
  };
  for (const [index, left] of lefts.entries()) place(index, left, new Set());
  return leftOf;
}
