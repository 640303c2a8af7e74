import { z } from 'zod';
import type { Sha } from '../../../../domain/release/release.ts';
import type { GithubClient } from '../api/client.ts';
import { branchMissing, branchOf } from '../refs.ts';
import { bindingRules } from './binding-rules.ts';
import { type ComingPush, type Rule, refusesCommit } from './rule.ts';

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

/** What these want is there once checks have passed: then the commit itself may be pushed. */
const BY_CHECKS = new Set(['required_status_checks', 'workflows', 'code_scanning', 'required_deployments']);

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
  /** Whether a rule wants a pull request that Slipway merges itself. */
  readonly wantsRequest: boolean;
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

/** Whether a branch may be moved back, to a commit that does not descend from its tip; `unsaid` where GitHub shows no rule. */
export async function mayGoBack(
  client: GithubClient,
  branch: string,
  signal: AbortSignal | undefined,
): Promise<'yes' | 'no' | 'unsaid'> {
  const found = await branchOf(client, branch, signal);
  if (!found?.isProtected) return 'yes';
  let isShown = false;
  const isForced = ({ type }: Rule) => {
    isShown = true;
    return type === 'non_fast_forward';
  };
  if ((await bindingRules(client, branch, isForced, signal)).length > 0) return 'no';
  return isShown ? 'yes' : 'unsaid';
}

const NO_RULES = { blocks: null, never: null, hasQueue: false, wantsRequest: false };

async function rulesOn(
  client: GithubClient,
  branch: string,
  coming: ComingChange | undefined,
  signal: AbortSignal | undefined,
): Promise<Omit<BranchProtection, 'tip' | 'isProtected'>> {
  const pushOf = (rule: Rule) => BLOCKING[rule.type] ?? (coming ? refusesCommit(rule, coming) : null);
  const pullOf = (rule: Rule) => (coming ? refusesPull(rule, coming) : null);
  const matters = (rule: Rule) => pushOf(rule) !== null || pullOf(rule) !== null;
  const found = await bindingRules(client, branch, matters, signal);
  const has = (type: string) => found.some(({ rule }) => rule.type === type);
  const first = (reasons: readonly (string | null)[]) => reasons.find((reason) => reason !== null) ?? null;
  const blocks = first(found.map(({ rule }) => pushOf(rule)));
  const never = first(found.map(({ rule, bypass }) => (bypass === 'no' ? pullOf(rule) : null)));
  const hasQueue = has('merge_queue');
  // What a pull request must be only counts where one is needed.
  return {
    blocks,
    never: blocks === null ? null : never,
    hasQueue,
    wantsRequest: !hasQueue && found.some(({ rule }) => pushOf(rule) !== null && !BY_CHECKS.has(rule.type)),
  };
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
