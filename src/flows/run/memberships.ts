import { CHANNEL } from '../../domain/policy/policy.ts';
import type { Ports } from './ports.ts';

/**
 * Which of these groups a person is in, the service's channel (`CHANNEL`) among them. A group that does not exist is
 * Refusal `group-unknown`.
 */
export async function membershipsOf(
  { service, people }: Pick<Ports, 'service' | 'people'>,
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
