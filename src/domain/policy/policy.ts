import { isPipeline } from '../operations/api-scopes.ts';
import { hashOf } from '../text/json.ts';
import type { Policy, Who } from './service.ts';

/** What policy may forbid. */
export type Permission = 'start' | 'approve' | 'rollback' | 'accept' | 'override' | 'lock';

/** Stands for the service's channel among the groups that a person is in. */
export const CHANNEL = '#';

export function isNobody({ users, groups, everyone }: Who): boolean {
  return users.length === 0 && groups.length === 0 && everyone === undefined;
}

/** Breaking the glass is for those whom the policy names: where it names nobody, nobody may. */
export function hasOverriders({ override }: Pick<Policy, 'override'>): boolean {
  return !isNobody(override);
}

/** All groups that decide about a person, the service's channel among them. */
export function groupsOf({ groups, everyone }: Who): readonly string[] {
  return everyone === 'channel' ? [...groups, CHANNEL] : groups;
}

/** Whether it is this person's to do: named, in one of the groups (see `groupsOf`), or everyone's. */
export function names(who: Who, user: string, memberOf: readonly string[]): boolean {
  if (who.everyone === 'workspace' || who.users.includes(user)) return true;
  return groupsOf(who).some((group) => memberOf.includes(group));
}

/** Everybody who is one of these. */
export function together(all: readonly Who[]): Who {
  const everyone = all.some((who) => who.everyone === 'workspace')
    ? 'workspace'
    : all.find((who) => who.everyone)?.everyone;
  return {
    users: [...new Set(all.flatMap(({ users }) => users))],
    groups: [...new Set(all.flatMap(({ groups }) => groups))],
    ...(everyone === undefined ? {} : { everyone }),
  };
}

/** Id of a Slack user group; a handle is none. */
export const GROUP_ID = /^S[A-Z0-9]{4,20}$/;

/** A member or user group by id, as Slack shows it by its name. */
export function mention(id: string): string {
  return GROUP_ID.test(id) ? `<!subteam^${id}>` : `<@${id}>`;
}

/** For the card: Slack mentions of users and groups, made by us from ids of the config. */
export function whoInWords(who: Who): string {
  if (isNobody(who)) return 'nobody';
  if (who.everyone === 'workspace') return 'any member of this workspace';
  const channel = who.everyone === 'channel' ? ['any member of its channel'] : [];
  return [...channel, ...[...who.groups, ...who.users].map(mention)].join(', ');
}

/** Who may approve, with what the policy asks for besides the number. */
export function approversInWords({
  approve,
  requirements,
  selfApproval,
}: Pick<Policy, 'approve' | 'requirements' | 'selfApproval'>): string {
  const others = approve.everyone !== undefined && !selfApproval ? ' but the one who asked' : '';
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
  if (approve.everyone === 'workspace') return whoInWords(approve);
  const groups = [approve, ...requirements.map(({ who }) => who)].map(whoInWords);
  return [...new Set(groups)].join(', ');
}

/** A line each: who may do what, for the first card and the doctor. */
export function rightsInWords(policy: Policy): readonly string[] {
  const approvals = policy.approvals === 1 ? '1 approval' : `${policy.approvals} approvals`;
  return [
    `Start: ${whoInWords(policy.start)}`,
    `Approve (${approvals}): ${approversInWords(policy)}`,
    `Roll back: ${whoInWords(policy.rollback)}`,
    `Go on with an unhealthy production: ${whoInWords(policy.accept)}`,
    `Break the glass: ${whoInWords(policy.override)}`,
    `Lock: ${whoInWords(policy.lock)}`,
  ];
}

/**
 * The policy for what this one asked for. Whoever ran a pipeline may be among those who approve, so that it takes one
 * approval more, unless people may approve what they asked for, or nobody is asked.
 */
export function policyFor(policy: Policy, requester: string): Policy {
  const seats = policy.requirements.reduce((sum, requirement) => sum + requirement.count, 0);
  const approvals = Math.max(policy.approvals, seats);
  if (!isPipeline(requester) || policy.selfApproval || approvals === 0) return policy;
  return { ...policy, approvals: approvals + 1 };
}

/** sha256 hex of the policy: part of the digest that people approve. */
export function policyHash(policy: Policy): string {
  return hashOf(policy);
}
