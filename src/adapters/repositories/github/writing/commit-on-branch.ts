import { z } from 'zod';
import type { Sha } from '../../../../domain/release/release.ts';
import type { NewCommit } from '../../commit.ts';
import { askGraphql } from '../api/graphql.ts';
import type { GithubClientSet } from '../client-set.ts';

const Made = z.object({
  createCommitOnBranch: z
    .object({ commit: z.object({ oid: z.string(), tree: z.object({ oid: z.string() }) }).nullable() })
    .nullable(),
});

const COMMIT = `mutation ($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid tree { oid } } }
}`;

/**
 * Tree, commit and branch in one request: GitHub makes the commit only where the branch still stands at its parent.
 * Null where it does not make it for another reason; whether it has made it all the same, the branch says.
 * @see https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch
 */
export async function commitOnBranch(
  { client, commits, files: known }: GithubClientSet,
  branch: string,
  { parent, message, files }: NewCommit,
): Promise<Sha | 'not-forward' | null> {
  if (!(await isPlain(known, parent, files))) return null;
  const [headline = '', ...rest] = message.split('\n');
  const encoded = files.map(({ path, text }) => ({
    path,
    contents: Buffer.from(text ?? '').toString('base64'),
  }));
  const input = {
    branch: { repositoryNameWithOwner: client.name, branchName: branch },
    expectedHeadOid: parent,
    message: { headline, body: rest.join('\n').trim() },
    fileChanges: { additions: encoded },
  };
  const answer = await askGraphql(client, COMMIT, { input }, Made);
  if ('refused' in answer) return answer.type === 'STALE_DATA' ? 'not-forward' : null;
  const made = answer.data.createCommitOnBranch?.commit;
  if (!made) return null;
  const tree = { sha: made.tree.oid };
  commits.made({ sha: made.oid, message, tree, parents: [{ sha: parent }] });
  await known.wrote(parent, { commit: made.oid, tree: tree.sha }, files);
  return made.oid;
}

/** Whether all are files that stay: it keeps no executable bit. Refusal `not-a-file`. */
async function isPlain(
  known: GithubClientSet['files'],
  parent: Sha,
  files: NewCommit['files'],
): Promise<boolean> {
  const before = await known.of(parent);
  await known.mustBeFiles(
    parent,
    files.map(({ path }) => path),
  );
  return files.every(({ path, text }) => text !== null && (before.get(path)?.mode ?? '100644') === '100644');
}
