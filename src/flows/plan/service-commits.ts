import type { Repository } from '../../adapters/repositories/port.ts';
import type { Service } from '../../domain/policy/service.ts';
import type { OwnCommit } from '../../domain/promotion/known-release.ts';
import { hasTrailer } from '../../domain/release/message.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { Commit, Sha } from '../../domain/release/release.ts';
import type { Ledger } from '../run/ledger.ts';

/** What the ledger knows of a commit that Slipway made; null for everybody else's. */
export type Ours = (commit: Pick<Commit, 'sha' | 'message'>) => Promise<OwnCommit | null>;

/**
 * Anybody can write a trailer into a message, so it only says which commits are worth a question: the ledger knows by
 * their ids which ones we made.
 */
export function oursBy(ledger: Pick<Ledger, 'ownCommits'>): Ours {
  return async ({ sha, message }) => {
    if (!hasTrailer(message, 'Slipway-Promotion') && !hasTrailer(message, 'Slipway-Record')) return null;
    const [own = null] = await ledger.ownCommits([sha]);
    return own;
  };
}

/**
 * The commits of `after..until`, newest first, each with whether it touches files of the service. In a repository of its
 * own all of them do.
 */
export async function* commitsOf(
  repository: Repository,
  { paths }: Pick<Service, 'paths'>,
  after: Sha | null,
  until: Sha,
): AsyncIterable<{ readonly commit: Commit; readonly isOurs: boolean }> {
  const filter = pathFilter(paths);
  const touching = filter && repository.touching(after, until, filter);
  // It is looked at with the first commit; should that never come, nobody waits for it.
  touching?.catch(() => {});
  for await (const commit of repository.commits(after, until)) {
    yield { commit, isOurs: touching === null || (await touching).has(commit.sha) };
  }
}

/** Those of them that touch files of the service; not more than `most`. */
export async function serviceCommits(
  most: number,
  ...range: Parameters<typeof commitsOf>
): Promise<readonly Commit[]> {
  const found: Commit[] = [];
  for await (const { commit, isOurs } of commitsOf(...range)) {
    if (isOurs) found.push(commit);
    if (found.length >= most) break;
  }
  return found;
}
