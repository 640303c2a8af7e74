import type { Repository } from '../../adapters/repositories/port.ts';
import type { Service } from '../../domain/policy/service.ts';
import { pathFilter } from '../../domain/release/paths.ts';
import type { Commit, Sha } from '../../domain/release/release.ts';

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
