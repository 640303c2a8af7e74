import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { readCommit } from '../../domain/release/commits.ts';
import { withoutNumber } from '../../domain/release/revert-message.ts';
import type { Facts } from './facts.ts';
import { oursBy } from './own-commits.ts';
import { commitsOf } from './own-paths.ts';

/** So many commits are looked at on either side, and so many titles are said. */
const MOST_COMMITS = 500;
const SHOWN = 3;
const RELEASE_COMMIT = /^(?:\w+\(release\)!?:|(?:chore: )?release[: ]|(?:chore: )?v?\d+\.\d+(?:\.\d+)*\s*$)/i;

/**
 * What production has and the candidate has not, in a sentence; null when that is nothing. A commit whose title the
 * candidate has too was picked from there, whatever pull requests it went through; merges and release commits do not count.
 */
export async function leftBehind(facts: Facts): Promise<string | null> {
  const { repository, service, ledger } = facts.ports;
  const [live, base] = await Promise.all([facts.rollbackTo().catch(whenRefusedOrAway(null)), facts.base()]);
  if (live === null || live.commit === '') return null;
  try {
    if ((await repository.firstAncestor(base, [live.commit])) !== null) return null;
    const only: string[] = [];
    const ours = oursBy(ledger);
    let looked = 0;
    for await (const { commit, isOurs } of commitsOf(repository, service, base, live.commit)) {
      const title = titleOf(commit.message);
      const counts = isOurs && !RELEASE_COMMIT.test(title) && readCommit(commit).kind !== 'merge';
      if (counts && (await ours(commit)) === null) only.push(title);
      if (++looked >= MOST_COMMITS) break;
    }
    if (only.length === 0) return null;
    const own = new Set<string>();
    for await (const { message } of repository.commits(live.commit, base)) {
      if (own.add(pickedTitle(message)).size >= MOST_COMMITS) break;
    }
    return inWords(
      live.version,
      service.branch,
      only.filter((title) => !own.has(pickedTitle(title))),
    );
  } catch (error) {
    if (error instanceof Refusal) return null; // the repository does not know the commit that is live
    throw error;
  }
}

function inWords(version: string, branch: string, titles: readonly string[]): string | null {
  if (titles.length === 0) return null;
  const count = titles.length === 1 ? 'a commit' : `${titles.length} commits`;
  const rest = titles.length - SHOWN;
  const named = titles
    .slice(0, SHOWN)
    .map((title) => `“${title}”`)
    .join(', ');
  return `Production runs ${version} with ${count} that ${branch} lacks: ${named}${rest > 0 ? ` and ${rest} more` : ''}. This release goes without.`;
}

function titleOf(message: string): string {
  return (message.split('\n', 1)[0] ?? '').trim().slice(0, 100);
}

/** The title without the numbers of the pull requests that it came through, ` (#12) (#15)`. */
function pickedTitle(message: string): string {
  let title = titleOf(message);
  for (let shorter = withoutNumber(title); shorter !== title; shorter = withoutNumber(title)) title = shorter;
  return title;
}
