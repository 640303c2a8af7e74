import type { Directory, Profile } from '../../adapters/slack/port.ts';
import { CHANNEL } from '../../domain/policy/policy.ts';
import { whenRefused } from '../../domain/refusals/refusal.ts';
import { onceEach } from './once-each.ts';
import type { Ports } from './ports.ts';

/** A service and those who are asked about people in it: who says whether they are asked anew. */
export interface ServicePeople extends Pick<Ports, 'service'> {
  readonly people: Directory;
}

/** Whether somebody may act at all: not deactivated, no bot, no guest, nobody of another workspace. */
export function isFullMember({ deleted, bot, restricted }: Profile): boolean {
  return !deleted && !bot && !restricted;
}

/** Whether somebody may act at all; false for who does not exist. */
export async function isMemberNow(people: Directory, user: string): Promise<boolean> {
  const profile = await people.profile(user).catch(whenRefused(null));
  return profile !== null && isFullMember(profile);
}

/** People for one decision: each question is asked once, and the answer holds until the decision is made. */
export function askedOnce(people: Directory): Directory {
  const once = onceEach();
  return {
    profile: (user) => once(`profile ${user}`, () => people.profile(user)),
    byEmail: (email) => once(`email ${email}`, () => people.byEmail(email)),
    members: (group) => once(`group ${group}`, () => people.members(group)),
    isInChannel: (user, channel) =>
      once(`channel ${channel} ${user}`, () => people.isInChannel(user, channel)),
  };
}

/**
 * Which of these groups a person is in, the service's channel (`CHANNEL`) among them. A group that does not exist is
 * Refusal `group-unknown`.
 */
export async function membershipsOf(
  { service, people }: ServicePeople,
  user: string,
  groups: Iterable<string>,
): Promise<readonly string[]> {
  const answers = await Promise.all(
    [...new Set(groups)].map(async (group) => {
      const isIn =
        group === CHANNEL
          ? await people.isInChannel(user, service.channel)
          : (await people.members(group)).includes(user);
      return isIn ? [group] : [];
    }),
  );
  return answers.flat();
}
