import { z } from 'zod';
import type { GithubClient } from '../api/client.ts';
import { Rule } from './rule.ts';
import { bypassOf, rulesetOf } from './rulesets.ts';

const Rules = z.array(Rule);

/** A rule of a branch that the login cannot pass; `by-pull`: only through a pull request. */
export interface BindingRule {
  readonly rule: Rule;
  readonly bypass: 'by-pull' | 'no';
}

/**
 * The rules of a branch, or of a name that no branch has yet, that bind the login, of those that `matters` picks. What
 * classic branch protection asks for is not among them.
 */
export async function bindingRules(
  client: GithubClient,
  branch: string,
  matters: (rule: Rule) => boolean,
  signal: AbortSignal | undefined,
): Promise<readonly BindingRule[]> {
  const route = 'GET /repos/{owner}/{repo}/rules/branches/{branch}';
  // Servers of one's own may be older than rulesets.
  const reply = await client.ask(route, { branch, per_page: 100 }, Rules, { expect: [404], signal });
  const bypasses = new Map<number, ReturnType<typeof bypassOf>>();
  const found: BindingRule[] = [];
  for (const rule of reply.kind === 'ok' ? reply.data : []) {
    if (!matters(rule)) continue;
    const { ruleset_id: id } = rule;
    if (id !== undefined && !bypasses.has(id))
      bypasses.set(id, bypassOf(await rulesetOf(client, id, signal)));
    const bypass = (id === undefined ? undefined : bypasses.get(id)) ?? 'no';
    if (bypass !== 'yes') found.push({ rule, bypass });
  }
  return found;
}
