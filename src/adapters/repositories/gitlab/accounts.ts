import type { Commit } from '../../../domain/release/release.ts';
import { literalPattern } from '../../../domain/text/bounded-pattern.ts';
import { given } from '../../../domain/text/given.ts';

/**
 * The same commits with the accounts in the private addresses that GitLab gives people to commit with:
 * `12-ada@users.noreply.gitlab.com`. Whoever commits may write any; it proves no more than an address does.
 *
 * @see https://docs.gitlab.com/user/profile/#use-an-automatically-generated-private-commit-email
 */
export async function* withAccounts(commits: AsyncIterable<Commit>, web: string): AsyncIterable<Commit> {
  const host = literalPattern(new URL(web).hostname);
  const address = new RegExp(`^\\d{1,20}-([a-z0-9_][a-z0-9_.-]{0,254})@users\\.noreply\\.${host}$`, 'i');
  const accountIn = (email = '') => address.exec(email)?.[1];
  for await (const commit of commits) {
    const [author, committer] = [accountIn(commit.authorEmail), accountIn(commit.committerEmail)];
    yield {
      ...commit,
      ...given({ authorAccount: author, committerAccount: committer }),
    };
  }
}
