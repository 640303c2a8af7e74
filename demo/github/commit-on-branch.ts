import { isAllowed } from './access.ts';
import { ruleAgainst } from './branch-rules.ts';
import { type Call, GithubError, iso } from './model.ts';
import { mayWrite, signatureOf } from './routes/git.ts';

/** @see https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch */
export const COMMIT_ON_BRANCH = `
  scalar Base64String
  extend type Mutation {
    createCommitOnBranch(input: CreateCommitOnBranchInput!): CreateCommitOnBranchPayload
  }
  input CreateCommitOnBranchInput {
    branch: CommittableBranch!
    clientMutationId: String
    expectedHeadOid: GitObjectID!
    fileChanges: FileChanges
    message: CommitMessage!
  }
  input CommittableBranch { branchName: String, id: ID, repositoryNameWithOwner: String }
  input CommitMessage { body: String = "", headline: String! }
  input FileChanges { additions: [FileAddition!] = [], deletions: [FileDeletion!] = [] }
  input FileAddition { contents: Base64String!, path: String! }
  input FileDeletion { path: String! }
  type CreateCommitOnBranchPayload { clientMutationId: String, commit: Commit }
  type Commit { oid: GitObjectID!, tree: Tree!, message: String! }
  type Tree { oid: GitObjectID! }
`;

interface Input {
  readonly branch: {
    readonly branchName?: string;
    readonly repositoryNameWithOwner?: string;
  };
  readonly expectedHeadOid: string;
  readonly fileChanges?: {
    readonly additions: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions: readonly { readonly path: string }[];
  };
  readonly message: { readonly headline: string; readonly body: string };
}

/** Commits as the pages of the repository do: by who is signed in, made and signed by GitHub, without executable bits. */
export function commitOnBranch(call: Call) {
  return async ({ input }: { readonly input: Input }) => {
    const { repository, caller } = call;
    const { branch, expectedHeadOid: expected, fileChanges, message } = input;
    const name = (branch.branchName ?? '').replace(/^refs\/heads\//, '');
    const may =
      caller.kind === 'token' && isAllowed(caller.permissions, { name: 'contents', level: 'write' });
    if (!may) throw new GithubError(403, 'Resource not accessible by integration');
    const before = await repository.store.ref(`heads/${name}`);
    if (branch.repositoryNameWithOwner !== repository.fullName || !before) {
      throw new GithubError(404, `No such branch: ${name}`);
    }
    const stale = new GithubError(
      409,
      `Expected branch to point to "${expected}" but it did not.  Pull and try again.`,
    );
    if (before.sha !== expected) throw stale;
    const { additions = [], deletions = [] } = fileChanges ?? {};
    const changes = deletions.map(({ path }) => ({ path, mode: '100644', sha: null as string | null }));
    for (const { path, contents } of additions) {
      mayWrite(call, path);
      const sha = await repository.store.write('blob', Buffer.from(contents, 'base64'));
      changes.push({ path, mode: '100644', sha });
    }
    const tree = await repository.store.writeTree(await repository.store.resolve(expected, 'tree'), changes);
    const sha = await repository.store.writeCommit({
      tree,
      parents: [expected],
      author: signatureOf(call, undefined),
      committer: { name: 'GitHub', email: 'noreply@github.com', date: iso(call.now) },
      message: message.body === '' ? message.headline : `${message.headline}\n\n${message.body}`,
    });
    const refused = ruleAgainst(call, name, sha);
    if (refused) throw new GithubError(422, refused);
    if (!(await repository.store.moveRef(`refs/heads/${name}`, sha, expected))) throw stale;
    repository.signed.add(sha);
    return { commit: { oid: sha, tree: { oid: tree }, message: message.headline } };
  };
}
