import { describe, expect, test } from 'vitest';
import { actionsFor } from '../../../src/blocks/card/buttons.ts';
import { STATE, stateFile } from '../house.ts';

import { FREEZE, HOUR, refused, town } from './town.ts';

describe('what may not be shipped now is refused at the start', () => {
  test('in a freeze: why, until when, and who may break the glass', async () => {
    const { start, wait, house } = town({ freeze: [FREEZE] });
    await wait(HOUR);
    const { code, facts } = await refused(start());
    expect(code).toBe('frozen');
    expect(facts).toEqual({
      service: 'shop',
      reason: 'audit',
      until: Date.UTC(2030, 0, 7, 15),
      breakers: '<@U_LINUS>',
    });
    expect(await house.ledger.openFor('shop')).toBeNull();
    const [row] = await house.ledger.auditTrail({ service: 'shop', limit: 1 });
    expect(row).toMatchObject({ actor: 'U_ADA', result: 'refused', detail: { code: 'frozen' } });
    await wait(4 * HOUR);
    await start();
    expect(await house.ledger.openFor('shop')).not.toBeNull();
  });

  test('under a lock, and while everything is stopped', async () => {
    const { start, lock, unlock, wait } = town();
    await lock('U_GRACE', { forMs: HOUR });
    expect((await refused(start())).facts).toMatchObject({
      owner: 'U_GRACE',
      reason: 'migration',
      until: Date.UTC(2030, 0, 7, 11),
    });
    await lock('U_ADA', { service: '*', reason: 'incident 7' });
    const stopped = await refused(start());
    expect(stopped.code).toBe('stopped');
    expect(stopped.facts).toMatchObject({ owner: 'U_ADA', reason: 'incident 7' });
    expect(stopped.facts).not.toHaveProperty('until');
    await unlock('U_ADA', '*');
    expect((await refused(start())).code).toBe('locked');
    await wait(HOUR);
    await start();
  });
});

describe('a lock is felt at once by what waits', () => {
  test('a promotion up for approval is blocked, and people hear whose approvals are gone', async () => {
    const place = town({ approvals: 2 });
    await place.start();
    await place.approve('U_GRACE');
    await place.lock('U_LINUS', { service: '*', reason: 'incident' });
    await place.settle();
    expect((await place.newest()).state).toBe('blocked');
    expect(place.house.slack.notices('blocked').at(-1)?.voided).toEqual(['U_GRACE']);
    await place.unlock('U_LINUS', '*');
    await place.settle();
    expect((await place.newest()).state).toBe('awaiting-approval');
    expect((await place.house.ledger.approvals((await place.newest()).id)).some(({ valid }) => valid)).toBe(
      false,
    );
  });

  test('one that was not approved yet is blocked without such words', async () => {
    const place = town();
    await place.start();
    await place.lock('U_LINUS');
    await place.settle();
    expect(place.house.slack.notices('blocked').at(-1)).not.toHaveProperty('voided');
  });
});

test('a reason has no full stop of its own, as sentences go on behind it', async () => {
  const { lock } = await town().lock('U_LINUS', { reason: 'the database moves.' });
  expect(lock.reason).toBe('the database moves');
});

test('cards offer only what they can still do: of what is no longer live, and of a lock that is gone', async () => {
  const place = town();
  const { house } = place;
  await place.start();
  await place.approve();
  await place.ship();
  const first = await place.newest();
  expect(actionsFor(first)).toContain('rollback');
  house.repository.push('main', 'fix: half a cent', { 'src/server.js': 'newer\n' });
  const fixed = house.repository.branches.get('main') ?? '';
  house.repository.push('main', 'docs: state', { [STATE]: stateFile(fixed) });
  await place.start();
  await place.approve();
  await place.ship();
  expect((await place.newest()).id).not.toBe(first.id);
  expect(actionsFor(await house.ledger.get(first.id))).not.toContain('rollback');
  expect(actionsFor(await place.newest())).toContain('rollback');
});

describe('what ends by itself lets a waiting promotion go on by itself', () => {
  test('a freeze of the config, when it is over', async () => {
    const place = town({ freeze: [FREEZE] });
    await place.start();
    await place.wait(HOUR);
    await place.approve();
    expect((await place.newest()).state).toBe('blocked');
    await place.ship(4 * HOUR - 60_000);
    expect((await place.newest()).state).toBe('blocked');
    await place.ship(2 * 60_000);
    expect((await place.newest()).state).toBe('awaiting-approval');
    await place.approve();
    await place.ship();
    expect((await place.newest()).state).toBe('shipped');
  });

  test('a lock, when it runs out or is taken off', async () => {
    for (const end of ['runs out', 'is taken off'] as const) {
      const place = town();
      await place.start();
      await place.lock('U_GRACE', end === 'runs out' ? { forMs: HOUR } : {});
      await place.recheck();
      expect((await place.newest()).state).toBe('blocked');
      if (end === 'runs out') await place.ship(HOUR + 2_000);
      else await place.unlock('U_GRACE');
      await place.settle();
      expect((await place.newest()).state, end).toBe('awaiting-approval');
    }
  });

  test('not while something else is in the way, which somebody has to mend', async () => {
    const place = town();
    const { house } = place;
    await place.start();
    house.repository.push('main', 'docs: withdrawn', {
      [STATE]: stateFile(house.validated, { staging: 'rejected' }),
    });
    await place.lock('U_GRACE', { forMs: HOUR });
    await place.recheck();
    const { turn } = await place.newest();
    await place.ship(2 * HOUR);
    expect((await place.newest()).turn).toBe(turn);
    await place.ship(3 * HOUR);
    expect((await place.newest()).state).toBe('expired');
  });
});

test('a stop between approval and deploy is seen before the deploy, and people are asked again', async () => {
  const place = town();
  await place.start();
  const { house } = place;
  // While the release is cut, somebody stops everything.
  const cut = house.repository.cutRelease.bind(house.repository);
  house.repository.cutRelease = async (...args: Parameters<typeof cut>) => {
    const release = await cut(...args);
    await place.lock('U_GRACE', { service: '*', reason: 'incident' });
    return release;
  };
  await place.approve();
  expect((await place.newest()).state).toBe('blocked');
  expect(house.target.started).toEqual([]);
  await place.breakGlass('U_LINUS', 'this is the fix');
  await place.approve();
  await place.ship();
  expect((await place.newest()).state).toBe('shipped');
  expect(house.target.started).toHaveLength(1);
  expect([...house.repository.tags.keys()].filter((tag) => tag === 'v1.3.0')).toHaveLength(1);
});

describe('locks', () => {
  test('someone else hears how to take a lock over, and only then does', async () => {
    const { lock, house } = town();
    await lock('U_GRACE');
    const held = await refused(lock('U_ADA', { reason: 'mine' }));
    expect(held.code).toBe('lock-held');
    expect(held.facts).toMatchObject({ owner: 'U_GRACE', reason: 'migration' });
    const taken = await lock('U_ADA', { reason: 'she is asleep', steal: true });
    expect(taken.from).toMatchObject({ owner: 'U_GRACE' });
    expect(await house.ledger.lockOf('shop')).toMatchObject({ owner: 'U_ADA', reason: 'she is asleep' });
    expect((await lock('U_ADA', { reason: 'still', steal: true })).from).toBeNull();
    const actions = (await house.ledger.auditTrail({ service: 'shop', limit: 9 })).map((one) => one.action);
    expect(actions).toEqual(['lock.taken', 'lock.stolen', 'lock.taken', 'lock.taken']);
  });

  test('whoever may lock a service may stop everything; only they or who may lock all let it go on', async () => {
    const { lock, unlock, house } = town({ lock: { users: ['U_GRACE', 'U_LINUS'], groups: [] } });
    expect((await refused(lock('U_ADA', { service: '*' }))).code).toBe('not-allowed');
    await lock('U_GRACE', { service: '*' });
    expect((await refused(unlock('U_ADA', '*'))).code).toBe('not-allowed');
    await unlock('U_LINUS', '*');
    expect(await house.ledger.lockOf('*')).toBeNull();
    expect((await refused(unlock('U_LINUS', '*'))).code).toBe('not-stopped');
  });

  test('who may not stop everything, or let it go on, hears of no service and of nobody’s rights', async () => {
    const { lock, unlock, requests, house } = town({ lock: { users: ['U_GRACE'], groups: [] } });
    const policy = { ...house.ports.service.policy, lock: { users: ['U_LINUS'], groups: [] } };
    const secret = { ...house.ports, service: { ...house.ports.service, name: 'secret', policy } };
    requests.services = new Map([...requests.services, ['secret', secret]]);
    await expect(lock('U_ADA', { service: '*' })).rejects.toMatchObject({
      code: 'not-allowed',
      facts: { action: 'lock everything' },
    });
    await lock('U_LINUS', { service: '*' });
    const refusals = [
      await refused(lock('U_ADA', { service: '*', steal: true })),
      await refused(unlock('U_ADA', '*')),
      await refused(unlock('U_GRACE', '*')),
    ];
    expect(refusals.map(({ code, facts }) => ({ code, facts }))).toEqual(
      ['lock everything', 'unlock everything', 'unlock everything'].map((action) => ({
        code: 'not-allowed',
        facts: { action },
      })),
    );
    const rows = (await house.ledger.auditTrail({ limit: 20 })).filter(({ result }) => result === 'refused');
    expect(rows).toHaveLength(4);
    expect(JSON.stringify(rows)).not.toMatch(/secret|U_LINUS/);
  });

  test('taking the stop of everything over, or making it shorter, takes the right to end it', async () => {
    const { lock, unlock, requests, house } = town({ lock: { users: ['U_ADA', 'U_LINUS'], groups: [] } });
    const policy = { ...house.ports.service.policy, lock: { users: ['U_LINUS'], groups: [] } };
    const api = { ...house.ports, service: { ...house.ports.service, name: 'api', policy } };
    requests.services = new Map([...requests.services, ['api', api]]);
    await lock('U_LINUS', { service: '*', reason: 'incident 7' });
    // Ada may lock one of the services: she may stop everything, and not undo what somebody else stopped.
    for (const forMs of [undefined, 60_000]) {
      const stolen = lock('U_ADA', {
        service: '*',
        reason: 'mine',
        steal: true,
        ...(forMs ? { forMs } : {}),
      });
      expect((await refused(stolen)).code).toBe('not-allowed');
    }
    expect((await refused(lock('U_ADA', { service: '*', reason: 'mine', forMs: 60_000 }))).code).toBe(
      'lock-held',
    );
    expect((await refused(unlock('U_ADA', '*'))).code).toBe('not-allowed');
    expect(await house.ledger.lockOf('*')).toMatchObject({ owner: 'U_LINUS', reason: 'incident 7' });
    expect(await house.ledger.lockOf('*')).not.toHaveProperty('until');
    await unlock('U_LINUS', '*');
    // What she stopped herself is hers to end.
    await lock('U_ADA', { service: '*' });
    await unlock('U_ADA', '*');
  });
});
