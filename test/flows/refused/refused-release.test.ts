import { expect, test } from 'vitest';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { service } from '../../blocks/fixtures.ts';
import { town } from '../locks/town.ts';

const REFUSAL = new Refusal('not-writable', {
  branch: 'main',
  reason: 'GH006: commits must have verified signatures',
  rule: 'signature',
});

test('a release that the host refuses is told as that, with all that can be done, to those who have to know', async () => {
  const place = town();
  await place.start();
  const cut = place.house.repository.cutRelease.bind(place.house.repository);
  place.house.repository.cutRelease = async () => {
    throw REFUSAL;
  };
  await place.approve();

  const promotion = await place.newest();
  expect(promotion).toMatchObject({ state: 'blocked', data: { decision: 'release-refused' } });
  expect(place.said('voided')).toEqual([]);
  const [said] = place.said('release-refused');
  const shown = notice(said?.notice ?? { kind: 'recovered', what: '' }, { promotion, service });
  expect(shown.text).toContain('❌ The release was refused');
  expect(shown.text.replaceAll('ˋ', '`')).toContain(explain(REFUSAL).hint);
  expect(shown.text).toContain('press Re-check');
  expect(shown.text).toContain('This is for');
  expect(JSON.stringify(shown.blocks)).toContain('"action_id":"recheck');
  expect(shown.broadcast).toBe(true);

  place.house.repository.cutRelease = cut;
  await place.recheck();
  expect(await place.newest()).toMatchObject({ state: 'awaiting-approval' });
  expect((await place.newest()).data.decision).toBeUndefined();
  await place.approve();
  await place.ship();
  expect((await place.newest()).state).toBe('shipped');
});
