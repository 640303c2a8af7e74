import type { ChangedCommit } from '../risk-facts.ts';

/** Shorter words say nothing of what a commit is about. */
const SHORTEST = 4;
/** Of a text, in characters. */
const LONGEST = 1_000;
/** Words that findings of the watch are made of, and commits of everything. */
const COMMON = new Set(
  `about above after again alert alerts answer answered baseline before below check checks count critical deploy error
   errors every expected failed failing feat fewer http https last latency limit merge minute minutes more most only
   percent percentage points production queue rate reached release request requests response second seconds seen server
   since status takes than that their this time timeout usual usually version warning which with within without`.split(
    /\s+/,
  ),
);

/** A commit of the release, with a word that it has in common with what fails; null where it has none. */
export interface NearChange extends ChangedCommit {
  readonly shares: string | null;
}

/** The commits of a release, those first that name what fails, then the newest. Outside text in and out. */
export function nearestChanges(
  commits: readonly ChangedCommit[],
  failing: readonly string[],
): readonly NearChange[] {
  const wanted = new Set(failing.flatMap(wordsOf));
  const near = commits.map((commit) => {
    const shared = wordsOf(commit.subject).filter((word) => wanted.has(word));
    return { ...commit, shares: shared[0] ?? null, score: new Set(shared).size };
  });
  return near.sort((a, b) => b.score - a.score).map(({ score: _, ...commit }) => commit);
}

function wordsOf(text: string): readonly string[] {
  const words = text
    .slice(0, LONGEST)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words.filter((word) => word.length >= SHORTEST && !COMMON.has(word) && !/^\d+$/.test(word));
}
