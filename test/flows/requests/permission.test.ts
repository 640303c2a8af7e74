import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { mustBeAllowed, mustBeAllowedToOverride } from '../../../src/flows/requests/permission.ts';
import { countApprovals } from '../../../src/flows/steps/votes.ts';
import { House } from '../house.ts';

const CHANNEL = { users: [], groups: [], everyone: 'channel' } as const;
const NOBODY = { users: [], groups: [] };

describe('what is left to the channel', () => {
  let house: House;

  beforeEach(() => {
    house = new House({ start: CHANNEL, approve: CHANNEL, override: NOBODY });
    house.people.outsideChannel.add('U_LINUS');
    house.people.profiles.set('U_GUEST', {
      id: 'U_GUEST',
      name: 'guest',
      deleted: false,
      bot: false,
      restricted: true,
    });
  });

  const codeOf = (user: string, action: 'start' | 'override') =>
    mustBeAllowed(house.ports, user, action).then(
      () => 'done',
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    );

  test('is for its full members only', async () => {
    expect(await codeOf('U_ADA', 'start')).toBe('done');
    expect(await codeOf('U_LINUS', 'start')).toBe('not-allowed');
    expect(await codeOf('U_GUEST', 'start')).toBe('person-not-full-member');
  });

  test('counts no approval of somebody who has left it', async () => {
    const promotion = await house.ledger.get(await house.open());
    const vote = (by: string) => ({ by, digest: 'd', decision: 'approve', at: 0, valid: true }) as const;
    expect(await countApprovals(house.ports, promotion, [vote('U_LINUS')])).toMatchObject({ missing: 1 });
    expect(await countApprovals(house.ports, promotion, [vote('U_GRACE')])).toMatchObject({ missing: 0 });
  });

  test('waits for Slack rather than to guess', async () => {
    house.people.down = true;
    await expect(mustBeAllowed(house.ports, 'U_ADA', 'start')).rejects.toBeInstanceOf(Unavailable);
  });

  test('where nobody is named nobody may, and is told so', async () => {
    expect(await codeOf('U_ADA', 'override')).toBe('not-allowed');
    await expect(mustBeAllowedToOverride(house.ports, 'U_ADA')).rejects.toMatchObject({
      code: 'override-nobody',
    });
  });
});
