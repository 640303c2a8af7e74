import { createHash } from 'node:crypto';
import { canonicalJson } from '../text/canonical-json.ts';
import type { Policy, Who } from './service.ts';

/** What policy may forbid. */
export type Permission = 'start' | 'approve' | 'rollback' | 'override' | 'lock';

export function anyone(who: Who): boolean {
  return who.users.length === 0 && who.groups.length === 0;
}

/** Breaking the glass is for those whom the policy names: where it names nobody, nobody may. */
export function hasOverriders({ override }: Pick<Policy, 'override'>): boolean {
  return !anyone(override);
}

/** Whether a person is named, directly or through one of the groups that they are in. */
export function names(who: Who, user: string, memberOf: readonly string[]): boolean {
  return anyone(who) || who.users.includes(user) || who.groups.some((group) => memberOf.includes(group));
}

/** For the card: Slack mentions of users and groups, made by us from ids of the config. */
export function whoInWords(who: Who): string {
  if (anyone(who)) return 'any member of this workspace';
  const users = who.users.map((user) => `<@${user}>`);
  const groups = who.groups.map((group) =>
    /^S[A-Z0-9]{4,}$/.test(group) ? `<!subteam^${group}>` : `@${group.replace(/^@/, '')}`,
  );
  return [...groups, ...users].join(', ');
}

/** Who may approve, with what the policy asks for besides the number. */
export function approversInWords({
  approve,
  requirements,
  selfApproval,
}: Pick<Policy, 'approve' | 'requirements' | 'selfApproval'>): string {
  const others = anyone(approve) && !selfApproval ? ' but the one who asked' : '';
  const who = `${whoInWords(approve)}${others}`;
  const wanted = requirements.map(({ count, who }) => `${count} of ${whoInWords(who)}`);
  if (wanted.length === 0) return who;
  return `${who}; among them ${wanted.join(' and ')}`;
}

/** Who may acknowledge that somebody else broke the glass: whoever may approve. */
export function acknowledgersInWords({
  approve,
  requirements,
}: Pick<Policy, 'approve' | 'requirements'>): string {
  if (anyone(approve)) return whoInWords(approve);
  const groups = [approve, ...requirements.map(({ who }) => who)].map(whoInWords);
  return [...new Set(groups)].join(', ');
}

/** sha256 hex of the policy: part of the digest that people approve. */
export function policyHash(policy: Policy): string {
  return createHash('sha256').update(canonicalJson(policy)).digest('hex');
}
