import { z } from 'zod';
import type { GithubClient } from '../api/client.ts';
import { bindingRules } from './binding-rules.ts';
import type { ComingChange } from './branch-protection.ts';
import { type ComingPush, type Rule, refusesCommit, refusesName } from './rule.ts';

const Methods = z.object({
  allow_merge_commit: z.boolean().optional(),
  allow_squash_merge: z.boolean().optional(),
  allow_rebase_merge: z.boolean().optional(),
});

/** Why a branch of this name cannot be made for a commit of ours, in words; null when no rule says so. */
export async function refusesBranch(
  client: GithubClient,
  name: string,
  push: ComingPush,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const reasonOf = (rule: Rule): string | null => {
    if (rule.type === 'creation') return 'nobody may make such a branch';
    if (rule.type === 'branch_name_pattern') return refusesName(rule, name);
    return refusesCommit(rule, push);
  };
  const [first] = await bindingRules(client, name, (rule) => reasonOf(rule) !== null, signal);
  return first === undefined ? null : reasonOf(first.rule);
}

/** Why no pull request is merged in this way, in words. GitHub tells only those who may write. */
export async function refusesMethod(
  client: GithubClient,
  merge: ComingChange['merge'],
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const about = await client.get('GET /repos/{owner}/{repo}', {}, Methods, { signal });
  const allowed = {
    merge: about.allow_merge_commit,
    squash: about.allow_squash_merge,
    rebase: about.allow_rebase_merge,
  };
  if (allowed[merge] !== false) return null;
  const others = Object.entries(allowed).flatMap(([name, isAllowed]) => (isAllowed ? [name] : []));
  return methodInWords(merge, others);
}

const METHODS = { merge: 'merge commits', squash: 'squashing', rebase: 'rebasing' };

/** `others`: the ways that are allowed, as far as that is known. */
export function methodInWords(merge: ComingChange['merge'], others: readonly string[] = []): string {
  const instead = others.length > 0 ? others.join(' or ') : 'what it allows';
  return `the repository does not allow ${METHODS[merge]} for pull requests: set \`merge\` to ${instead}`;
}
