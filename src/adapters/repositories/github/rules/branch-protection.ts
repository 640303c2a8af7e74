import { z } from 'zod';
import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClient } from '../api/client.ts';
import { branchMissing, branchOf } from '../refs.ts';
import { type ComingPush, Rule, refusesCommit } from './rule.ts';
import { bypassOf, rulesetOf } from './rulesets.ts';

const Rules = z.array(Rule);
const PullRule = z.object({ allowed_merge_methods: z.array(z.string()).optional() });

/** Rules that stop a push of a new commit, in words. */
const BLOCKING: Readonly<Record<string, string>> = {
  pull_request: 'changes must be made through a pull request',
  required_status_checks: 'a commit must have passed its checks before it is pushed',
  merge_queue: 'changes must go through the merge queue',
  update: 'nobody may update it',
  workflows: 'a commit must have passed a workflow of the organisation before it is pushed',
  code_scanning: 'a commit must have been scanned before it is pushed',
  required_deployments: 'a commit must have been deployed to an environment before it is pushed',
};

/** What would be put on the branch, and how a pull request would be merged. */
export interface ComingChange extends ComingPush {
  readonly merge: 'merge' | 'squash' | 'rebase';
}

/** What is known of how a branch is protected. */
export interface BranchProtection {
  readonly tip: Sha;
  /** Why a push will be refused, in words; null when no rule says so. */
  readonly blocks: string | null;
  /** Why a pull request will not be merged either; null when no rule says so. */
  readonly never: string | null;
  /** Whether a rule leads every change through the merge queue. */
  readonly hasQueue: boolean;
  /** Whether the branch is protected in any way, also by rules that only show when something is pushed. */
  readonly isProtected: boolean;
}

/**
 * How a branch is protected, as far as GitHub tells without administration rights: rules that the login cannot
 * bypass. What classic branch protection asks for shows only when something is pushed. Refusal `branch-missing`.
 */
export async function protectionOf(
  client: GithubClient,
  branch: string,
  signal?: AbortSignal,
  coming?: ComingChange,
): Promise<BranchProtection> {
  const found = await branchOf(client, branch, signal);
  if (found === null) throw await branchMissing(client, branch, signal);
  const { tip, isProtected } = found;
  const rules = isProtected ? await rulesOn(client, branch, coming, signal) : NO_RULES;
  return { tip, ...rules, isProtected };
}

const NO_RULES = { blocks: null, never: null, hasQueue: false };

async function rulesOn(
  client: GithubClient,
  branch: string,
  coming: ComingChange | undefined,
  signal: AbortSignal | undefined,
): Promise<Pick<BranchProtection, 'blocks' | 'never' | 'hasQueue'>> {
  const route = 'GET /repos/{owner}/{repo}/rules/branches/{branch}';
  // Servers of one's own may be older than rulesets.
  const reply = await client.ask(route, { branch, per_page: 100 }, Rules, { expect: [404], signal });
  const rules = reply.kind === 'ok' ? reply.data : [];
  const bypasses = new Map<number, ReturnType<typeof bypassOf>>();
  let blocks: string | null = null;
  let never: string | null = null;
  let hasQueue = false;
  for (const rule of rules) {
    const { ruleset_id: id } = rule;
    const push = BLOCKING[rule.type] ?? (coming ? refusesCommit(rule, coming) : null);
    const pull = coming ? refusesPull(rule, coming) : null;
    if (push === null && pull === null) continue;
    if (id !== undefined && !bypasses.has(id))
      bypasses.set(id, bypassOf(await rulesetOf(client, id, signal)));
    const bypass = id === undefined ? 'no' : bypasses.get(id);
    if (bypass === 'yes') continue;
    blocks ??= push;
    hasQueue ||= rule.type === 'merge_queue';
    if (bypass === 'no') never ??= pull;
  }
  // What a pull request must be only counts where one is needed.
  return { blocks, never: blocks === null ? null : never, hasQueue };
}

/** Why what a pull request brings is not let in. */
function refusesPull(rule: Rule, coming: ComingChange): string | null {
  const { merge } = coming;
  switch (rule.type) {
    case 'update':
      return BLOCKING['update'] ?? null;
    case 'required_signatures':
      // GitHub signs what it squashes itself.
      return merge === 'squash' ? null : refusesCommit(rule, coming);
    case 'required_linear_history':
      return merge === 'merge' ? 'its history must be linear: set `merge` to squash or rebase' : null;
    case 'pull_request': {
      const { data } = PullRule.safeParse(rule.parameters ?? {});
      const allowed = data?.allowed_merge_methods ?? [];
      return allowed.length === 0 || allowed.includes(merge)
        ? null
        : `pull requests are merged by ${allowed.join(' or ')} only: set \`merge\` to that`;
    }
    default:
      return refusesCommit(rule, coming);
  }
}
