import { groupsOf, hasOverriders, names, type Permission, whoInWords } from '../../domain/policy/policy.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { isFullMember, membershipsOf, type ServicePeople } from '../run/memberships.ts';
import type { Ports } from '../run/ports.ts';

/**
 * Whether this person may do this now, asked at the moment of the click. Refusals: `person-not-full-member` for
 * deactivated people, bots and guests; `not-allowed` with who may.
 */
export async function mustBeAllowed(ports: Ports, user: string, action: Permission): Promise<void> {
  await mustBeAllowedOneOf(ports, user, [action]);
}

/** Whether this person may break the glass: only whom the policy names. Refusals: those of `mustBeAllowed`, `override-nobody`. */
export async function mustBeAllowedToOverride(ports: Ports, user: string): Promise<void> {
  const { name: service, policy } = ports.service;
  await mustBeMember(ports, user, 'override');
  if (!hasOverriders(policy)) throw new Refusal('override-nobody', { service });
  await mustBeAllowed(ports, user, 'override');
}

/** The same for what any of several permissions allows; the refusal names the first. */
export async function mustBeAllowedOneOf(
  ports: ServicePeople,
  user: string,
  actions: readonly [Permission, ...Permission[]],
): Promise<void> {
  const { name: service, policy } = ports.service;
  const [first] = actions;
  await mustBeMember(ports, user, first);
  for (const action of actions) {
    const who = policy[action];
    if (names(who, user, [])) return;
    if (names(who, user, await membershipsOf(ports, user, groupsOf(who)))) return;
  }
  throw new Refusal('not-allowed', { action: first, service, who: whoInWords(policy[first]) });
}

/** Refusal `person-not-full-member` for deactivated people, bots, guests and strangers. */
export async function mustBeMember(
  { people }: Pick<ServicePeople, 'people'>,
  user: string,
  action: Permission,
): Promise<void> {
  if (!isFullMember(await people.profile(user))) throw new Refusal('person-not-full-member', { action });
}
