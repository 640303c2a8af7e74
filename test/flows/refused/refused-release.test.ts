import { expect, test } from 'vitest';
import { notice } from '../../../src/blocks/thread/notice.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { remindOfUndecided } from '../../../src/flows/jobs/remind.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
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

test('a re-check answers the refusal, also while the host is away: nobody else is called', async () => {
  const place = town();
  await place.start();
  place.house.repository.cutRelease = async () => {
    throw REFUSAL;
  };
  await place.approve();
  const asked = await place.newest();
  place.house.target.preflight = async () => {
    throw new Unavailable('production', 'answered 502');
  };
  await steer(place.requests, place.caller('U_ADA'), asked.id, { kind: 'recheck' });
  await place.wait(60_000);
  const looking = await place.newest();
  expect(looking.data.decision).toBeUndefined();
  expect(looking.data.asked).toBeUndefined();
  expect(looking.turn).toBeGreaterThan(asked.turn);
  await place.wait(3 * place.house.ports.service.monitoring.checkpointMs);
  await remindOfUndecided(place.requests);
  expect(place.said('undecided')).toEqual([]);
  expect((await place.newest()).state).toBe('blocked');
});
