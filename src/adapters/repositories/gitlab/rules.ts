import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { literalPattern } from '../../../domain/text/bounded-pattern.ts';
import { path } from '../../shared/platform/api.ts';
import type { GitlabClient } from './client.ts';

/** @see https://docs.gitlab.com/api/branches/ */
const Branch = z.object({
  name: z.string(),
  commit: z.object({ id: z.string() }),
  protected: z.boolean(),
  /** Whether the account of the token may push to it. */
  can_push: z.boolean(),
});

const Levels = z.array(
  z.object({
    access_level: z.int().nullish(),
    user_id: z.int().nullish(),
    group_id: z.int().nullish(),
    deploy_key_id: z.int().nullish(),
  }),
);
type Levels = z.infer<typeof Levels>;

/** @see https://docs.gitlab.com/api/protected_tags/ */
const ProtectedTag = z
  .object({ name: z.string(), create_access_levels: Levels })
  .transform(({ name, create_access_levels: levels }) => ({ name, levels }));
/** @see https://docs.gitlab.com/api/protected_branches/ */
const ProtectedBranch = z
  .object({ name: z.string(), push_access_levels: Levels })
  .transform(({ name, push_access_levels: levels }) => ({ name, levels }));

/** How a branch is protected against this account. */
export interface GitlabProtection {
  readonly tip: Sha;
  /** Why a push will be refused, in words; null when it will not. */
  readonly blocks: string | null;
}

/** Refusal `branch-missing`. */
export async function protectionOf(
  client: GitlabClient,
  branch: string,
  signal?: AbortSignal,
): Promise<GitlabProtection> {
  const found = await client.find({
    path: path`/repository/branches/${branch}`,
    reply: Branch,
    doing: `read the branch ${branch}`,
    signal,
  });
  if (found === null) throw new Refusal('branch-missing', { branch, remote: client.web });
  const blocks = found.can_push ? null : 'the account of the token may not push to it';
  return { tip: found.commit.id, blocks };
}

/** Whoever pushes. */
export interface GitlabAccount {
  /** The greatest role in the project, as a number of GitLab. */
  readonly role: number;
  readonly id: number | null;
}

/** What rules say of a name that is not there yet. */
export interface GitlabNameRules {
  /** The patterns that it fits. */
  readonly patterns: readonly string[];
  /** Whether none of them lets this account make it. */
  readonly isRefused: boolean;
}

/** Of a tag or a branch; nothing where GitLab does not show its rules to this account. */
export async function nameRulesOf(
  client: GitlabClient,
  kind: 'tag' | 'branch',
  name: string,
  account: GitlabAccount,
  signal?: AbortSignal,
): Promise<GitlabNameRules> {
  const listed = client.list<{ name: string; levels: Levels }>({
    path: kind === 'tag' ? '/protected_tags' : '/protected_branches',
    reply: z.array(kind === 'tag' ? ProtectedTag : ProtectedBranch),
    doing: `read the protected ${kind === 'tag' ? 'tags' : 'branches'}`,
    signal,
  });
  const rules = (await client.unless(['platform-forbidden', 'platform-not-found'], listed)) ?? [];
  const about = rules.filter((rule) => fits(rule.name, name));
  // One that lets it through is enough, whatever the others say.
  const isRefused = about.length > 0 && !about.some(({ levels }) => isOpen(levels, account));
  return { patterns: about.map((rule) => rule.name), isRefused };
}

function isOpen(levels: Levels, { role, id }: GitlabAccount): boolean {
  return levels.some(({ access_level: level, user_id: user, group_id: group, deploy_key_id: key }) => {
    if (user != null) return user === id;
    // Whether the account is in that group, GitLab says when the push is made.
    if (group != null) return true;
    return key == null && level != null && level > 0 && role >= level;
  });
}

/** A star stands for anything, slashes too. */
function fits(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split('*').map(literalPattern).join('.*')}$`, 'su').test(name);
}
