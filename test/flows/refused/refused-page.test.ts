import { describe, expect, test } from 'vitest';
import { card } from '../../../src/blocks/card/card.ts';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { service } from '../../blocks/fixtures.ts';
import { House } from '../house.ts';
import { ship } from '../ship.ts';

const refused = async () => {
  throw new Refusal('not-writable', { reason: 'the token may not write releases' });
};
const WHY =
  /The page of v1\.3\.0 could not be written\. .*may not write releases.* Give the account of Slipway/;

describe('a release page that the host refuses', () => {
  test('is said on the card to the end, and with the closing message', async () => {
    const house = new House();
    house.repository.publishRelease = refused;
    const promotion = await ship(house, () => null);
    expect(promotion).toMatchObject({ state: 'shipped', data: { pageProblem: expect.stringMatching(WHY) } });
    const shown = card({ promotion, approvals: [], service });
    expect(JSON.stringify(shown.blocks)).toMatch(WHY);
    expect(JSON.stringify(shown.blocks)).toContain(
      service.repository?.commit(promotion.data.release?.commit ?? ''),
    );
    expect(JSON.stringify(shown.blocks)).not.toContain(promotion.data.release?.url);
    const [said] = house.slack.notices('shipped');
    expect(said && notice(said, { promotion, service }).text).toMatch(WHY);
  });

  test('is said with a rollback, too', async () => {
    const house = new House();
    house.repository.publishRelease = refused;
    const promotion = await ship(house, ({ state }) =>
      state === 'monitoring' ? { kind: 'rollback', by: 'U_LINUS', reason: 'orders fail' } : null,
    );
    expect(promotion.state).toBe('rolled-back');
    const [said] = house.slack.notices('rolled-back');
    expect(said && notice(said, { promotion, service }).text).toMatch(WHY);
  });

  test('is forgotten once it could be written', async () => {
    const house = new House();
    house.repository.failNext('publishRelease', new Refusal('not-writable', { reason: 'no' }));
    const promotion = await ship(house, () => null);
    expect(promotion.state).toBe('shipped');
    expect(promotion.data.pageProblem).toBeUndefined();
  });
});
