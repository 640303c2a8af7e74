import { z } from 'zod';

/** What is read of GitHub's answers; the rest of them is left alone. */
const Sha = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);

export const Ref = z.object({ ref: z.string(), object: z.object({ type: z.string(), sha: Sha }) });
export type Ref = z.infer<typeof Ref>;
export const RefList = z.array(Ref);

export const Branch = z.object({ name: z.string(), commit: z.object({ sha: Sha }), protected: z.boolean() });

export const TagList = z.array(z.object({ name: z.string(), commit: z.object({ sha: Sha }) }));

export const TagObject = z.object({
  sha: Sha,
  tag: z.string(),
  message: z.string(),
  object: z.object({ type: z.string(), sha: Sha }),
});

export const GitCommit = z.object({
  sha: Sha,
  message: z.string(),
  tree: z.object({ sha: Sha }),
  parents: z.array(z.object({ sha: Sha })),
  verification: z.object({ verified: z.boolean() }).optional(),
});
export type GitCommit = z.infer<typeof GitCommit>;

const GithubTreeEntry = z.object({
  path: z.string(),
  mode: z.string(),
  type: z.string(),
  sha: Sha,
  size: z.number().optional(),
});
export type GithubTreeEntry = z.infer<typeof GithubTreeEntry>;
export const Tree = z.object({ sha: Sha, tree: z.array(GithubTreeEntry), truncated: z.boolean() });

export const Blob = z.object({ sha: Sha, content: z.string(), encoding: z.string() });

/** An object that was written. */
export const WrittenObject = z.object({ sha: Sha });

const Person = z.object({
  name: z.string().optional(),
  email: z.string().optional(),
  date: z.string().optional(),
});

/** Null for an address that belongs to no account; an empty object stands for the same. */
const Account = z.object({ login: z.string().optional() }).nullable().optional();

export const ListedCommit = z.object({
  sha: Sha,
  commit: z.object({
    message: z.string(),
    tree: z.object({ sha: Sha }),
    author: Person.nullable(),
    committer: Person.nullable(),
    verification: z.object({ verified: z.boolean() }).optional(),
  }),
  author: Account,
  committer: Account,
  parents: z.array(z.object({ sha: Sha })),
});
export type ListedCommit = z.infer<typeof ListedCommit>;
export const CommitList = z.array(ListedCommit);

/** What a commit changed, as far as it is told on this page. */
export const CommitFiles = z.object({
  files: z.array(z.object({ filename: z.string(), previous_filename: z.string().optional() })).optional(),
});

export const Comparison = z.object({
  status: z.enum(['diverged', 'ahead', 'behind', 'identical']),
  total_commits: z.number(),
  commits: z.array(ListedCommit),
  files: z
    .array(z.object({ filename: z.string(), previous_filename: z.string().optional(), status: z.string() }))
    .optional(),
});
export type Comparison = z.infer<typeof Comparison>;

/** Where an app is installed, and what it was allowed to do there: `{ contents: 'write' }`. */
export const AppInstallation = z.object({
  id: z.number(),
  permissions: z.record(z.string(), z.string()),
  suspended_at: z.string().nullable().optional(),
});
export type AppInstallation = z.infer<typeof AppInstallation>;

export const Nothing = z.unknown();
