import type { Plan } from '../../domain/promotion/plan.ts';
import { Refusal, whenRefusedOrAway } from '../../domain/refusals/refusal.ts';
import { readCommit } from '../../domain/release/commits.ts';
import { withoutNumber } from '../../domain/release/revert-message.ts';
import { versionTags } from '../../domain/release/tag-form.ts';
import { isPrerelease } from '../../domain/release/version-key.ts';
import { leaningOf } from '../../domain/state-file/vocabulary.ts';
import type { Facts } from './facts.ts';
import { commitsBetween } from './known-releases.ts';
import { commitsOf, oursBy } from './service-commits.ts';

/** How many promotions back a rollback is remembered. */
const REMEMBERED = 50;

/**
 * Releases that production gets besides the proposed one, oldest first: those that came after what is live, rolled
 * back or never deployed. Nothing is read where the last release is live.
 */
export async function alsoShips(facts: Facts): Promise<Pick<Plan, 'alsoShips'>> {
  const { repository, service, ledger } = facts.ports;
  const [base, refs, proposed, live] = await Promise.all([
    facts.base(),
    facts.refs(),
    facts.release(),
    facts.rollbackTo(),
  ]);
  const { current, next } = proposed.version;
  if (live === null || live.commit === '') return {};
  if (proposed.release.kind === 'cut' && current === live.version) return {};
  const tags = versionTags(refs.tags, service).filter(
    ({ version }) => version !== next && !isPrerelease(version),
  );
  const since = await commitsBetween(repository, live.commit, base);
  const between = tags.filter(({ commit }) => since.has(commit)).reverse();
  if (between.length === 0) return {};
  const back = await ledger.recent({ service: service.name, states: ['rolled-back'], limit: REMEMBERED });
  const rolledBack = new Set(
    back.flatMap(({ data }) => [data.release?.version, data.rollback?.after?.release.version]),
  );
  return {
    alsoShips: between.map(({ version }) => ({ version, rolledBack: rolledBack.has(version) })),
  };
}

/** So many features or titles are said. */
const SHOWN = 3;

/**
 * Other features whose build on staging is part of what would be shipped, and of which nobody said yes, in a sentence; null
 * where there are none.
 */
export async function unapprovedBeside(facts: Facts): Promise<string | null> {
  const [chosen, { features }] = await Promise.all([facts.feature(), facts.features()]);
  const open = features.flatMap(({ folder, reading: { stagingValidation: said, validatedCommit: on } }) => {
    if (folder.dir === chosen.folder.dir || said.kind !== 'value' || on.kind !== 'value') return [];
    const isOpen = ['no', 'open'].includes(leaningOf(said.value));
    return isOpen ? [{ commit: on.value, words: `${folder.slug}: ${said.quote} (${said.source})` }] : [];
  });
  if (open.length === 0) return null;
  const live = await facts.rollbackTo();
  if (!live?.commit) return null;
  const range = [...(await commitsBetween(facts.ports.repository, live.commit, await facts.base()))];
  const within = open.filter(({ commit }) => range.some((sha) => sha.startsWith(commit)));
  if (within.length === 0) return null;
  const rest = within.length - SHOWN;
  const named = within.slice(0, SHOWN).map(({ words }) => words);
  return `Also in this release, and not approved: ${named.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

/** So many commits are looked at on either side. */
const MOST_COMMITS = 500;
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
    const lacking = only.filter((title) => !own.has(pickedTitle(title)));
    return lackingInWords(live.version, service.branch, lacking);
  } catch (error) {
    if (error instanceof Refusal) return null; // the repository does not know the commit that is live
    throw error;
  }
}

function lackingInWords(version: string, branch: string, titles: readonly string[]): string | null {
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
