import { expect, test } from 'vitest';
import { lockAfterRollback } from '../../../src/flows/rollback/rollback.ts';
import { House } from '../house.ts';

const ORDER = { by: 'U_ADA', reason: 'errors rose' };

test('a rollback locks the service until somebody unlocks it', async () => {
  const { ports, ledger, slack } = new House();
  await lockAfterRollback(ports, 'shop-0001', { by: null, reason: 'errors rose' });
  expect(await ledger.lockOf('shop')).toMatchObject({
    owner: 'slipway',
    reason: 'Rolled back: errors rose',
    promotionId: 'shop-0001',
  });
  expect(slack.said).toEqual([]);
});

test('a lock that somebody has is taken over with its reason, whether it ends or not, and its owner is told', async () => {
  for (const until of [undefined, Date.UTC(2030, 0, 7, 12)]) {
    const { ports, ledger, slack } = new House();
    const more = until === undefined ? {} : { until };
    await ledger.lock({ service: 'shop', owner: 'U_LINUS', reason: 'migration', ...more });
    await lockAfterRollback(ports, 'shop-0001', ORDER);
    // After a crash in between it is done again.
    await lockAfterRollback(ports, 'shop-0001', ORDER);
    const when = until === undefined ? '' : ' (until 2030-01-07 12:00 UTC)';
    const reason = `Rolled back: errors rose; locked before: migration${when}`;
    const lock = await ledger.lockOf('shop');
    expect(lock).toMatchObject({ owner: 'U_ADA', reason, promotionId: 'shop-0001' });
    expect(lock).not.toHaveProperty('until');
    expect(slack.said.map(({ notice }) => notice)).toEqual([
      { kind: 'lock-stolen', by: 'U_ADA', from: 'U_LINUS', reason },
    ]);
  }
});
