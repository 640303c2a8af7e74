import { type Action, anyone, names, whoInWords } from '../../domain/policy.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Who } from '../../domain/service.ts';
import type { Ports } from '../ports.ts';

/**
 * Whether this person may do this now, asked at the moment of the click. Refusals: `person-not-full-member` for
 * deactivated people, bots and guests; `not-allowed` with who may.
 */
export async function mustBeAllowed(ports: Ports, user: string, action: Action): Promise<void> {
  await mustBeMember(ports, user, action);
  const who = ports.service.policy[action];
  if (anyone(who)) return;
  if (names(who, user, await groupsOf(ports, user, who))) return;
  throw new Refusal('not-allowed', { action, service: ports.service.name, who: whoInWords(who) });
}

/** Refusal `person-not-full-member` for deactivated people, bots, guests and strangers. */
export async function mustBeMember(ports: Ports, user: string, action: Action): Promise<void> {
  const profile = await ports.people.profile(user);
  if (profile.deleted || profile.bot || profile.restricted) {
    throw new Refusal('person-not-full-member', { action });
  }
}

async function groupsOf(ports: Ports, user: string, who: Who): Promise<readonly string[]> {
  if (who.users.includes(user)) return [];
  const memberships = await Promise.all(
    who.groups.map(async (group) => ((await ports.people.members(group)).includes(user) ? [group] : [])),
  );
  return memberships.flat();
}
