import { beforeEach, describe, expect, test } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { remindOfDebts } from '../../../src/flows/jobs/remind.ts';
import { STATE, stateFile } from '../house.ts';

import { FREEZE, HOUR, refused, town } from '../locks/town.ts';

describe('breaking the glass', () => {
  let place: ReturnType<typeof town>;
  beforeEach(async () => {
    place = town({ freeze: [FREEZE] });
    await place.start();
    expect((await place.newest()).state).toBe('awaiting-approval');
    await place.wait(HOUR);
    await place.approve();
  });

  test('a freeze that begins before the last approval holds the promotion up', async () => {
    const { state, data } = await place.newest();
    expect(state).toBe('blocked');
    const gate = data.gates?.find(({ id }) => id === 'not-frozen');
    expect(gate).toMatchObject({
      verdict: 'failed',
      reason: 'Frozen: audit',
      moment: { words: 'until', at: Date.UTC(2030, 0, 7, 15) },
    });
    const approvals = await place.house.ledger.approvals((await place.newest()).id);
    expect(approvals.map(({ by, valid }) => `${by} ${valid}`)).toEqual(['U_GRACE false']);
  });

  test('goes on, loudly, with a debt; approvals are needed as ever', async () => {
    await place.breakGlass();
    const { state, data } = await place.newest();
    expect(state).toBe('awaiting-approval');
    expect(data.overrides).toMatchObject([
      { by: 'U_LINUS', reason: 'the till is down', over: ['Frozen: audit'] },
    ]);
    expect(data.gates?.find(({ id }) => id === 'not-frozen')?.verdict).toBe('overridden');
    expect(place.said('override')).toHaveLength(1);
    expect(await place.house.ledger.openDebts()).toMatchObject([
      { by: 'U_LINUS', service: 'shop', due: place.house.clock.now() + 24 * HOUR },
    ]);
    expect(place.house.target.started).toEqual([]);
    await place.approve();
    await place.ship();
    expect((await place.newest()).state).toBe('shipped');
    const actions = (await place.house.ledger.auditTrail({ service: 'shop', limit: 50 })).map(
      ({ actor, action }) => `${actor} ${action}`,
    );
    expect(actions).toContain('U_LINUS promotion.override');
    expect(actions).toContain('U_LINUS override.used');
  });

  test('takes the role and a reason', async () => {
    const nobody = await refused(place.breakGlass('U_ADA'));
    expect(nobody.code).toBe('not-allowed');
    expect(nobody.facts).toMatchObject({ action: 'override', who: '<@U_LINUS>' });
    expect((await refused(place.breakGlass('U_LINUS', '  '))).code).toBe('override-reason');
    expect((await place.newest()).state).toBe('blocked');
    expect(await place.house.ledger.openDebts()).toEqual([]);
  });

  test('does not help against anything else', async () => {
    const { house } = place;
    house.repository.push('main', 'docs: withdrawn', {
      [STATE]: stateFile(house.validated, { staging: 'rejected' }),
    });
    await place.recheck();
    const { code, facts } = await refused(place.breakGlass());
    expect(code).toBe('not-breakable');
    expect(facts['gates']).toEqual(['Staging validation']);
    expect(await house.ledger.openDebts()).toEqual([]);
  });

  test('counts once, and not when it is no longer needed', async () => {
    await place.breakGlass();
    expect((await refused(place.breakGlass())).code).toBe('promotion-moved-on');
    expect(await place.house.ledger.openDebts()).toHaveLength(1);
  });

  test('covers this freeze only: a lock that comes later holds it up again', async () => {
    await place.breakGlass();
    await place.lock('U_GRACE', { service: '*', reason: 'incident' });
    await place.approve();
    const { state, data } = await place.newest();
    expect(state).toBe('blocked');
    const open = data.gates?.filter(({ verdict }) => verdict === 'failed').map(({ id }) => id);
    expect(open).toEqual(['not-locked']);
    await place.breakGlass('U_LINUS', 'the fix of the incident');
    expect((await place.newest()).state).toBe('awaiting-approval');
    expect(await place.house.ledger.openDebts()).toHaveLength(2);
    await place.approve();
    await place.ship();
    expect((await place.newest()).state).toBe('shipped');
  });

  test('a critical alert too, so that its fix gets there; another alert is another barrier', async () => {
    const fire = town();
    const { metrics } = fire.house;
    metrics.firing = ['ShopDown'];
    await fire.start();
    expect((await fire.newest()).state).toBe('blocked');
    await fire.breakGlass('U_LINUS', 'this puts it out');
    expect((await fire.newest()).data.overrides).toMatchObject([
      { over: ['Critical alert ShopDown fires.'] },
    ]);
    expect((await fire.newest()).state).toBe('awaiting-approval');
    metrics.firing = ['CartDown', 'ShopDown'];
    await fire.approve();
    expect((await fire.newest()).state).toBe('blocked');
    metrics.firing = [];
    await fire.recheck();
    await fire.approve();
    await fire.ship();
    expect((await fire.newest()).state).toBe('shipped');
  });

  test('covers nothing any more once whoever broke it was deactivated', async () => {
    await place.breakGlass();
    const { people } = place.house;
    people.profiles.set('U_LINUS', { ...(await people.profile('U_LINUS')), deleted: true });
    await place.approve();
    const { state, data } = await place.newest();
    expect(state).toBe('blocked');
    expect(data.gates?.find(({ id }) => id === 'not-frozen')?.verdict).toBe('failed');
    expect(place.house.target.started).toEqual([]);
  });

  test('nor once they are no longer among those who may', async () => {
    const role = town({ freeze: [FREEZE], override: { users: [], groups: ['oncall'] } });
    role.house.people.groups.set('oncall', ['U_LINUS']);
    await role.wait(HOUR);
    await role.start('U_LINUS', 'the till is down');
    expect((await role.newest()).state).toBe('awaiting-approval');
    role.house.people.groups.set('oncall', ['U_ADA']);
    await role.approve();
    expect((await role.newest()).state).toBe('blocked');
    role.house.people.groups.set('oncall', ['U_LINUS']);
    await role.recheck();
    expect((await role.newest()).state).toBe('awaiting-approval');
    role.house.people.groups.delete('oncall');
    await role.approve();
    expect((await role.newest()).state).toBe('blocked');
    expect(role.house.target.started).toEqual([]);
  });

  test('a lock that is taken over by someone else is another lock', async () => {
    await place.lock('U_GRACE');
    await place.recheck();
    await place.breakGlass();
    await place.wait(60_000);
    await place.lock('U_ADA', { steal: true, reason: 'really not' });
    await place.approve();
    expect((await place.newest()).state).toBe('blocked');
  });
});

describe('while the policy names nobody who may break the glass, nobody may', () => {
  const nobody = { users: [], groups: [] };

  test('the refusal of a start says so, and a reason does not help', async () => {
    const place = town({ freeze: [FREEZE], override: nobody });
    await place.wait(HOUR);
    const frozen = await refused(place.start());
    expect(frozen.facts).not.toHaveProperty('breakers');
    expect(explain(frozen).hint).toContain('Nobody may break the glass here');
    expect((await refused(place.start('U_LINUS', 'the till is down'))).code).toBe('override-nobody');
    expect(await place.house.ledger.openFor('shop')).toBeNull();
  });

  test('nor on the card: the gate is no barrier and its remedy does not speak of it', async () => {
    const place = town({ freeze: [FREEZE], override: nobody });
    await place.start();
    await place.wait(HOUR);
    await place.approve();
    const gate = (await place.newest()).data.gates?.find(({ id }) => id === 'not-frozen');
    expect(gate).not.toHaveProperty('barriers');
    expect(gate?.remedy).not.toContain('glass');
    expect((await refused(place.breakGlass())).code).toBe('override-nobody');
    expect((await place.newest()).state).toBe('blocked');
  });
});

test('the glass is broken at the start too', async () => {
  const place = town({ freeze: [FREEZE] });
  await place.wait(HOUR);
  expect((await refused(place.start('U_ADA', 'please'))).code).toBe('not-allowed');
  expect((await refused(place.start('U_LINUS', ' '))).code).toBe('override-reason');
  await place.start('U_LINUS', 'the till is down');
  expect((await place.newest()).state).toBe('awaiting-approval');
  expect(place.kinds()).toEqual(['started', 'override', 'ready']);
  expect(await place.house.ledger.openDebts()).toHaveLength(1);
  await place.approve();
  await place.ship();
  expect((await place.newest()).state).toBe('shipped');
});

test('a reason that is given without need makes no debt', async () => {
  const place = town();
  await place.start('U_LINUS', 'the till is down');
  expect((await place.newest()).request).not.toHaveProperty('overrides');
  expect(await place.house.ledger.openDebts()).toEqual([]);
});

describe('the debt', () => {
  let place: ReturnType<typeof town>;
  beforeEach(async () => {
    place = town({ freeze: [FREEZE], approve: { users: ['U_LINUS', 'U_GRACE'], groups: [] } });
    await place.wait(HOUR);
    await place.start('U_LINUS', 'the till is down');
  });

  test('is acknowledged by a second person who may approve', async () => {
    expect((await refused(place.acknowledge('U_LINUS'))).code).toBe('debt-own');
    expect((await refused(place.acknowledge('U_ADA'))).code).toBe('not-allowed');
    await place.acknowledge('U_GRACE');
    expect(await place.house.ledger.openDebts()).toEqual([]);
    expect(place.said('debt-acknowledged').map(({ notice }) => notice)).toEqual([
      { kind: 'debt-acknowledged', by: 'U_GRACE', owners: ['U_LINUS'] },
    ]);
    expect((await refused(place.acknowledge('U_GRACE'))).code).toBe('debt-settled');
    expect((await place.newest()).data.overrides?.[0]?.acknowledged?.by).toBe('U_GRACE');
  });

  test('is remembered in the thread until then, each time once', async () => {
    const remind = () => remindOfDebts(place.requests);
    const overdue = () =>
      place.house.slack.notices('debt-reminder').map(({ isOverdue }) => (isOverdue ? 'overdue' : 'soon'));
    await remind();
    expect(overdue()).toEqual([]);
    await place.wait(12 * HOUR);
    await remind();
    await remind();
    expect(overdue()).toEqual(['soon']);
    await place.wait(12 * HOUR);
    await remind();
    expect(overdue()).toEqual(['soon', 'overdue']);
    // Two days of silence: one reminder, not four.
    await place.wait(48 * HOUR);
    await remind();
    expect(overdue()).toEqual(['soon', 'overdue', 'overdue']);
    await place.acknowledge('U_GRACE');
    await place.wait(24 * HOUR);
    await remind();
    expect(overdue()).toHaveLength(3);
  });
});
