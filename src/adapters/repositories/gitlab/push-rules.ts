import { z } from 'zod';
import type { Identity } from '../commit.ts';
import { isAsWanted } from '../ref-pattern.ts';
import type { GitlabClient } from './client.ts';

/** @see https://docs.gitlab.com/api/project_push_rules/ */
const PushRules = z.object({
  commit_message_regex: z.string().nullish(),
  commit_message_negative_regex: z.string().nullish(),
  branch_name_regex: z.string().nullish(),
  author_email_regex: z.string().nullish(),
  reject_unsigned_commits: z.boolean().nullish(),
  reject_non_dco_commits: z.boolean().nullish(),
  /** Whether authors must be users of this GitLab. */
  member_check: z.boolean().nullish(),
  /** Whether the committer must be whoever pushes, by an address that is confirmed, and by name. */
  commit_committer_check: z.boolean().nullish(),
  commit_committer_name_check: z.boolean().nullish(),
  deny_delete_tag: z.boolean().nullish(),
});
export type PushRules = z.infer<typeof PushRules>;

/** @see https://docs.gitlab.com/api/users/#get-the-current-user */
const Account = z.object({
  id: z.int(),
  name: z.string(),
  email: z.string().nullish(),
  confirmed_at: z.string().nullish(),
  /** What GitLab commits with for it, such as a merge. */
  commit_email: z.string().nullish(),
});
const Addresses = z.array(z.object({ email: z.string(), confirmed_at: z.string().nullish() }));

/** What is pushed. */
export interface GitlabPush {
  /** Author and committer. */
  readonly committer: Identity;
  readonly signs: boolean;
  /** Of the release commit; absent when it is not known yet. */
  readonly message?: string | undefined;
  /** But for the default branch, whose name no rule is about. */
  readonly branch: string | null;
  /** Whether GitLab makes a commit of its own that merges it. */
  readonly isMerged: boolean;
}

const UNSEEN = ['platform-forbidden', 'platform-not-found', 'platform-refused'] as const;

/** Null where there are none, or this account does not see them: only Premium has them, and only maintainers see them. */
export async function pushRulesOf(client: GitlabClient, signal?: AbortSignal): Promise<PushRules | null> {
  const asked = client.get({
    path: '/push_rule',
    reply: PushRules.nullable(),
    doing: 'read push rules',
    signal,
  });
  return client.unless(['platform-forbidden', 'platform-not-found'], asked);
}

/** Why no push of this commit will be taken; null when no rule says so. */
export async function pushRuleAgainst(
  client: GitlabClient,
  rules: PushRules,
  push: GitlabPush,
  signal?: AbortSignal,
): Promise<string | null> {
  const { branch, committer, message, signs } = push;
  const { branch_name_regex: names, author_email_regex: emails } = rules;
  if (rules.reject_unsigned_commits && !signs) return 'commits must be signed';
  if (rules.reject_non_dco_commits) return 'commit messages must have a line Signed-off-by';
  if (!isWanted(emails, committer.email)) return `the address of an author must match ${emails}`;
  const [wanted, unwanted] = [rules.commit_message_regex, rules.commit_message_negative_regex].map(byLines);
  if (!isWanted(wanted, message)) return `commit messages must match ${rules.commit_message_regex}`;
  if (!isWanted(unwanted, message, true))
    return `commit messages must not match ${rules.commit_message_negative_regex}`;
  if (!isWanted(names, branch ?? undefined))
    return `names of branches must match ${names}, and ${branch} does not`;
  return againstAccount(client, rules, push, signal);
}

async function againstAccount(
  client: GitlabClient,
  rules: PushRules,
  { committer, isMerged }: GitlabPush,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const { member_check: member, commit_committer_check: own, commit_committer_name_check: named } = rules;
  const { author_email_regex: emails } = rules;
  if (!member && !own && !named && !(emails && isMerged)) return null;
  const account = await accountOf(client, signal);
  if (account === null) return null;
  const { name, commit_email: merges, addresses } = account;
  const address = addresses.get(committer.email.toLowerCase());
  if (own && address !== 'confirmed')
    return `the committer address ${committer.email} must be a confirmed one of the account of the token`;
  if (named && name !== committer.name)
    return `the author name must be the one of the account of the token: ${name}`;
  // Nobody can have such an address; whose another one is, GitLab does not tell.
  if (member && address === undefined && /\.invalid$/i.test(committer.email))
    return `the author address ${committer.email} must be one of a user of this GitLab`;
  if (isMerged && merges && !isWanted(emails, merges))
    return `the author address must match ${emails}, also for the merge, which GitLab commits as ${merges}`;
  return null;
}

/** Who the token stands for; null where it may not ask. */
async function accountOf(client: GitlabClient, signal: AbortSignal | undefined) {
  const asked = client.elsewhere({ path: '/user', reply: Account, doing: 'read its own account', signal });
  const account = await client.unless(UNSEEN, asked);
  if (account === null) return null;
  const more = client.elsewhere({
    path: '/user/emails',
    reply: Addresses,
    doing: 'read its addresses',
    signal,
  });
  const { name, email, confirmed_at, commit_email } = account;
  const all = [
    ...(email ? [{ email, confirmed_at }] : []),
    ...(commit_email ? [{ email: commit_email, confirmed_at: 'by GitLab' }] : []),
    ...((await client.unless(UNSEEN, more)) ?? []),
  ];
  const addresses = new Map<string, 'confirmed' | 'open'>();
  for (const one of all) {
    const key = one.email.toLowerCase();
    if (addresses.get(key) !== 'confirmed') addresses.set(key, one.confirmed_at ? 'confirmed' : 'open');
  }
  return { name, commit_email, addresses };
}

/** GitLab's `^` and `$` stand at each line of a message. */
function byLines(pattern: string | null | undefined): string | null {
  if (!pattern) return null;
  const [all = '', flags = ''] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
  return `(?m${flags})${pattern.slice(all.length)}`;
}

function isWanted(pattern: string | null | undefined, text: string | undefined, negate = false): boolean {
  if (!pattern || text === undefined) return true;
  return isAsWanted({ operator: 'regex', pattern, negate }, text) !== false;
}
