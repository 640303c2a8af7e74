import { z } from 'zod';
import type { Sha } from '../../../domain/release/release.ts';
import type { GithubClient } from './api/client.ts';
import { branchMissing } from './refs.ts';

const Rules = z.array(z.object({ type: z.string(), ruleset_id: z.number().optional() }));
const Ruleset = z.object({ name: z.string(), current_user_can_bypass: z.string().optional() });
const Branch = z.object({ commit: z.object({ sha: z.string() }), protected: z.boolean() });

/** Rules that stop a push of a new commit, in words. */
const BLOCKING: Readonly<Record<string, string>> = {
  pull_request: 'changes must be made through a pull request',
  required_status_checks: 'a commit must have passed its checks before it is pushed',
  merge_queue: 'changes must go through the merge queue',
  update: 'nobody may update it',
};

/** What is known of how a branch is protected. */
export interface BranchProtection {
  readonly tip: Sha;
  /** Why a push will be refused, in words; null when no rule says so. */
  readonly blocks: string | null;
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
): Promise<BranchProtection> {
  const route = 'GET /repos/{owner}/{repo}/branches/{branch}';
  const reply = await client.ask(route, { branch }, Branch, { expect: [404], signal });
  if (reply.kind !== 'ok') throw await branchMissing(client, branch, signal);
  const { commit, protected: isProtected } = reply.data;
  const blocks = isProtected ? await blockingRule(client, branch, signal) : null;
  return { tip: commit.sha, blocks, isProtected };
}

async function blockingRule(
  client: GithubClient,
  branch: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const route = 'GET /repos/{owner}/{repo}/rules/branches/{branch}';
  // Servers of one's own may be older than rulesets.
  const reply = await client.ask(route, { branch, per_page: 100 }, Rules, { expect: [404], signal });
  const blocking = reply.kind === 'ok' ? reply.data.filter(({ type }) => type in BLOCKING) : [];
  const mayPass = new Map<number, boolean>();
  for (const { type, ruleset_id: id } of blocking) {
    if (id === undefined) return BLOCKING[type] ?? type;
    if (!mayPass.has(id)) mayPass.set(id, await canBypass(client, id, signal));
    if (mayPass.get(id) === false) return BLOCKING[type] ?? type;
  }
  return null;
}

/** A ruleset that cannot be read is not known to block. */
async function canBypass(
  client: GithubClient,
  id: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const route = 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}';
  const reply = await client.ask(route, { ruleset_id: id }, Ruleset, { expect: [403, 404], signal });
  if (reply.kind !== 'ok') return true;
  const { current_user_can_bypass: can } = reply.data;
  return can === undefined || can === 'always' || can === 'exempt';
}
