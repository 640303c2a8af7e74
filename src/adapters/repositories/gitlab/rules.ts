import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Sha } from '../../../domain/release/release.ts';
import { literalPattern } from '../../../domain/text/literal-pattern.ts';
import { path } from '../../shared/platform/api.ts';
import { isAsWanted } from '../ref-pattern.ts';
import type { GitlabClient } from './client.ts';

/** @see https://docs.gitlab.com/api/branches/ */
const Branch = z.object({
  name: z.string(),
  commit: z.object({ id: z.string() }),
  protected: z.boolean(),
  /** Whether the account of the token may push to it. */
  can_push: z.boolean(),
});

/** @see https://docs.gitlab.com/api/protected_tags/ */
const ProtectedTag = z.object({
  name: z.string(),
  create_access_levels: z.array(
    z.object({
      access_level: z.int().nullish(),
      user_id: z.int().nullish(),
      group_id: z.int().nullish(),
      deploy_key_id: z.int().nullish(),
    }),
  ),
});

/** @see https://docs.gitlab.com/api/project_push_rules/ */
const PushRule = z.object({
  commit_message_regex: z.string().nullish(),
  commit_message_negative_regex: z.string().nullish(),
  author_email_regex: z.string().nullish(),
  reject_unsigned_commits: z.boolean().nullish(),
  reject_non_dco_commits: z.boolean().nullish(),
});

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

/** Who pushes, and what. */
export interface GitlabPush {
  /** The greatest role of the account in the project, as a number of GitLab. */
  readonly role: number;
  readonly account: number | null;
  readonly email: string;
  readonly signs: boolean;
  /** Of the release commit; absent when it is not known yet. */
  readonly message?: string | undefined;
}

/** Why GitLab will refuse this tag; null when it will not, or does not show its rules to this account. */
export async function tagRuleAgainst(
  client: GitlabClient,
  tag: string,
  { role, account }: Pick<GitlabPush, 'role' | 'account'>,
  signal?: AbortSignal,
): Promise<string | null> {
  const listed = client.list({
    path: '/protected_tags',
    reply: z.array(ProtectedTag),
    doing: 'read the protected tags',
    signal,
  });
  const rules = (await client.unless(['platform-forbidden', 'platform-not-found'], listed)) ?? [];
  const against = rules.find(
    ({ name, create_access_levels: levels }) =>
      fits(name, tag) &&
      !levels.some(({ access_level: level, user_id: user, group_id: group, deploy_key_id: key }) => {
        if (user != null) return user === account;
        // Whether the account is in that group, GitLab says when the tag is made.
        if (group != null) return true;
        return key == null && level != null && level > 0 && role >= level;
      }),
  );
  return against === undefined ? null : `tags called ${against.name} are protected, and it may not make them`;
}

/** Why no push of this commit will be taken, not even to a branch of its own; null when no rule says so. */
export async function pushRuleAgainst(
  client: GitlabClient,
  { email, signs, message }: GitlabPush,
  signal?: AbortSignal,
): Promise<string | null> {
  const asked = client.get({
    path: '/push_rule',
    reply: PushRule.nullable(),
    doing: 'read push rules',
    signal,
  });
  // Only Premium has them, and only maintainers see them.
  const rule = await client.unless(['platform-forbidden', 'platform-not-found'], asked);
  if (rule === null) return null;
  const isWanted = (pattern: string | null | undefined, text: string | undefined, negate = false) =>
    !pattern || text === undefined || isAsWanted({ operator: 'regex', pattern, negate }, text) !== false;
  if (rule.reject_unsigned_commits && !signs) return 'commits must be signed';
  if (rule.reject_non_dco_commits) return 'commit messages must have a line Signed-off-by';
  if (!isWanted(rule.author_email_regex, email))
    return `the address of an author must match ${rule.author_email_regex}`;
  if (!isWanted(rule.commit_message_regex, message))
    return `commit messages must match ${rule.commit_message_regex}`;
  return isWanted(rule.commit_message_negative_regex, message, true)
    ? null
    : `commit messages must not match ${rule.commit_message_negative_regex}`;
}

/** A star stands for anything, slashes too. */
function fits(pattern: string, name: string): boolean {
  return new RegExp(`^${pattern.split('*').map(literalPattern).join('.*')}$`, 'su').test(name);
}
