import { z } from 'zod';
import { fitsRefPattern } from '../../ref-pattern.ts';
import type { GithubClient } from '../api/client.ts';
import { type ComingPush, Rule, refusesCommit, refusesName } from './rule.ts';

const Listed = z.array(z.object({ id: z.number(), target: z.string().optional(), enforcement: z.string() }));
const Names = z.array(z.string()).optional();
const Ruleset = z.object({
  name: z.string(),
  conditions: z
    .object({ ref_name: z.object({ include: Names, exclude: Names }).optional() })
    .nullable()
    .optional(),
  rules: z.array(Rule).optional(),
  current_user_can_bypass: z.string().optional(),
});
export type Ruleset = z.infer<typeof Ruleset>;

/** Not there for this login, or not on this server or plan: then nobody knows of a rule. */
const UNREADABLE = [403, 404, 422];

/** A ruleset, with its rules and who may pass; null when it cannot be read. */
export async function rulesetOf(
  client: GithubClient,
  id: number,
  signal: AbortSignal | undefined,
): Promise<Ruleset | null> {
  const route = 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}';
  const reply = await client.ask(route, { ruleset_id: id }, Ruleset, { expect: UNREADABLE, signal });
  return reply.kind === 'ok' ? reply.data : null;
}

/** Whether the login may pass the rules of a ruleset: `by-pull` only through a pull request. */
export function bypassOf(ruleset: Ruleset | null): 'yes' | 'by-pull' | 'no' {
  const can = ruleset?.current_user_can_bypass;
  if (can === 'pull_requests_only') return 'by-pull';
  return can === 'never' || (can !== undefined && can !== 'always' && can !== 'exempt') ? 'no' : 'yes';
}

/** What the rules of the repository and of its owners do with a tag that is to come. */
export interface TagRules {
  /** Why it will be refused, in words with the name of the ruleset. */
  readonly refused: string | null;
  /** Why it could not be deleted again. */
  readonly undeletable: string | null;
}

/** `push`: what the tag brings along; null when its commit is on the branch before. */
export async function tagRulesOf(
  client: GithubClient,
  tag: string,
  push: ComingPush | null,
  signal: AbortSignal | undefined,
): Promise<TagRules> {
  const route = 'GET /repos/{owner}/{repo}/rulesets';
  const params = { targets: 'tag', includes_parents: true, per_page: 100 };
  const listed = await client.ask(route, params, Listed, { expect: UNREADABLE, signal });
  let rules: TagRules = { refused: null, undeletable: null };
  for (const { id, target = 'tag', enforcement } of listed.kind === 'ok' ? listed.data : []) {
    if (target !== 'tag' || enforcement !== 'active') continue;
    const ruleset = await rulesetOf(client, id, signal);
    if (ruleset === null || bypassOf(ruleset) === 'yes' || !isMeant(ruleset, `refs/tags/${tag}`)) continue;
    const found = rulesOf(ruleset, tag, push);
    rules = {
      refused: rules.refused ?? found.refused,
      undeletable: rules.undeletable ?? found.undeletable,
    };
  }
  return rules;
}

function rulesOf({ name, rules = [] }: Ruleset, tag: string, push: ComingPush | null): TagRules {
  const reasons = rules.map((rule) => refusesTag(rule, tag, push)).filter((reason) => reason !== null);
  const named = (reason: string) => `by the ruleset “${name}”, ${reason}`;
  return {
    refused: reasons[0] === undefined ? null : named(reasons[0]),
    undeletable: rules.some(({ type }) => type === 'deletion') ? named('nobody may delete it') : null,
  };
}

function refusesTag(rule: Rule, tag: string, push: ComingPush | null): string | null {
  if (rule.type === 'creation') return 'nobody may make such a tag';
  if (rule.type === 'tag_name_pattern') return refusesName(rule, tag);
  return push === null ? null : refusesCommit(rule, push);
}

/** A pattern that cannot be read is not known to mean the tag. */
function isMeant({ conditions }: Ruleset, ref: string): boolean {
  const names = conditions?.ref_name;
  if (names === undefined) return true;
  const fits = (pattern: string) => fitsRefPattern(pattern, ref);
  const isExcluded = (names.exclude ?? []).some((pattern) => fits(pattern) !== false);
  return !isExcluded && (names.include ?? []).some((pattern) => fits(pattern) === true);
}
