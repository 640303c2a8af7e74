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
  const taken = assign(seats, people);
  const empty = seats.filter((_seat, index) => !taken.has(index));
  return {
    missing: Math.max(policy.approvals - people.length, empty.length),
    wanted: policy.requirements.filter((requirement) => empty.includes(requirement)),
  };
}

/**
 * The same when one of these voters may be an author whom nobody knows: whichever of them is left out, the others have
 * to be enough.
 */
export function voteCountInDoubt(
  policy: Policy,
  voters: readonly Voter[],
  mayBeAuthor: (voter: Voter) => boolean,
): VoteCount {
  const people = [...new Map(voters.map((voter) => [voter.user, voter])).values()];
  return people
    .filter(mayBeAuthor)
    .map((author) =>
      voteCount(
        policy,
        people.filter((voter) => voter !== author),
      ),
    )
    .reduce((worst, one) => (one.missing > worst.missing ? one : worst), voteCount(policy, people));
}

/** Largest matching of seats to people, by augmenting paths: index of the seat → index of the person. */
function assign(seats: readonly Requirement[], people: readonly Voter[]): ReadonlyMap<number, number> {
  const seatOf = new Map<number, number>();
  const place = (seat: number, tried: Set<number>): boolean => {
    for (const [index, person] of people.entries()) {
      const requirement = seats[seat];
      if (tried.has(index) || !requirement || !names(requirement.who, person.user, person.groups)) continue;
      tried.add(index);
      const other = seatOf.get(index);
      if (other === undefined || place(other, tried)) {
        seatOf.set(index, seat);
        return true;
      }
    }
    return false;
  };
  for (const seat of seats.keys()) place(seat, new Set());
  return new Map([...seatOf].map(([person, seat]) => [seat, person]));
}
