import { beforeEach, describe, expect, test } from 'vitest';
import { buttonsFor } from '../../src/blocks/buttons.ts';
import type { FreezeRule } from '../../src/domain/freeze.ts';
import { Refusal } from '../../src/domain/refusal.ts';
import { explain } from '../../src/domain/refusals.ts';
import type { Policy } from '../../src/domain/service.ts';
import { remindOfDebts } from '../../src/flows/debts.ts';
import { callThoseWhoWait } from '../../src/flows/line.ts';
import { promote } from '../../src/flows/promote.ts';
import { acknowledgeDebt, breakGlass } from '../../src/flows/requests/break-glass.ts';
import { lockService, unlockService } from '../../src/flows/requests/locks.ts';
import type { Caller, Office } from '../../src/flows/requests/office.ts';
import { joinLine, startPromotion } from '../../src/flows/requests/start.ts';
import { steer } from '../../src/flows/requests/steer.ts';
import { vote } from '../../src/flows/requests/vote.ts';
import { MemoryRuns } from '../fakes/memory-run.ts';
import { House, STATE, stateFile } from './house.ts';

const HOUR = 3_600_000;
/** The house's clock begins on Monday, 7 January 2030, at 10:00 UTC. */
const FREEZE: FreezeRule = {
  name: 'audit',
  zone: 'UTC',
  span: { kind: 'dates', from: '2030-01-07T11:00', to: '2030-01-07T15:00' },
};
const OVERRIDE = { users: ['U_LINUS'], groups: [] };

function town(policy: Partial<Policy> = {}) {
  const house = new House({ override: OVERRIDE, ...policy }, 60_000);
  const flow = (run: Parameters<typeof promote>[0], { promotionId }: { promotionId: string }) =>
    promote(run, house.ports, promotionId);
  const runs = new MemoryRuns({ clock: house.clock, flows: { promote: flow, rollback: flow } });
  let ids = 0;
  const told: string[] = [];
  const office: Office = {
    services: new Map([['shop', house.ports]]),
    ledger: house.ledger,
    runs,
    people: house.people,
    threads: { byThread: async () => null, cardOf: async () => null },
    now: house.clock.now,
    newId: (name) => `${name}-${++ids}`,
  };
  const caller = (user: string): Caller => ({ user, via: 'button', key: `${user}:${++ids}` });
  const newest = async () => {
    const [promotion] = await house.ledger.recent({ service: 'shop', limit: 1 });
    if (!promotion) throw new Error('nothing was started');
    return promotion;
  };
  const settle = async () => runs.idle((await newest()).id);
  return {
    house,
    office,
    caller,
    newest,
    /** Told in the channel. */
    told,
    tell: async (_ports: unknown, { user }: { readonly user: string }) => {
      told.push(user);
    },
    kinds: () => house.desk.said.map(({ notice }) => notice.kind),
    said: <K extends string>(kind: K) => house.desk.said.filter(({ notice }) => notice.kind === kind),
    async start(user = 'U_ADA', reason?: string) {
      await startPromotion(
        office,
        caller(user),
        { service: 'shop', bump: 'auto' },
        reason === undefined ? undefined : { reason },
      );
      await settle();
    },
    async breakGlass(user = 'U_LINUS', reason = 'the till is down') {
      await breakGlass(office, caller(user), (await newest()).id, reason);
      await settle();
    },
    async approve(user = 'U_GRACE') {
      const { id, digest } = await newest();
      await vote(office, caller(user), id, { decision: 'approve', digest: digest ?? '' });
      await settle();
    },
    async recheck() {
      await steer(office, caller('U_ADA'), (await newest()).id, { kind: 'recheck' });
      await settle();
    },
    acknowledge: async (user: string) => acknowledgeDebt(office, caller(user), (await newest()).id),
    lock: (user: string, more: Partial<Parameters<typeof lockService>[2]> = {}) =>
      lockService(office, caller(user), { service: 'shop', reason: 'migration', ...more }),
    unlock: (user: string, service = 'shop') => unlockService(office, caller(user), service),
    settle,
    /** Until the watch is over. */
    async ship(ms = 10 * 60_000) {
      await house.clock.advance(ms);
      await settle();
    },
    wait: async (ms: number) => {
      await house.clock.advance(ms);
    },
  };
}

async function refused(work: Promise<unknown>): Promise<Refusal> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Refusal) return error;
  throw error ?? new Error('it was not refused');
}

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
    expect(place.said('glass-broken')).toHaveLength(1);
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
    expect(actions).toContain('U_LINUS glass.broken');
  });

  test('takes the role and a reason', async () => {
    const nobody = await refused(place.breakGlass('U_ADA'));
    expect(nobody.code).toBe('not-allowed');
    expect(nobody.facts).toMatchObject({ action: 'override', who: '<@U_LINUS>' });
    expect((await refused(place.breakGlass('U_LINUS', '  '))).code).toBe('glass-reason');
    expect((await place.newest()).state).toBe('blocked');
    expect(await place.house.ledger.openDebts()).toEqual([]);
  });

  test('does not help against anything else', async () => {
    const { house } = place;
    house.forge.push('main', 'docs: withdrawn', {
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

describe('a lock is felt at once by what waits', () => {
  test('a promotion up for approval is blocked, and people hear whose approvals are gone', async () => {
    const place = town({ approvals: 2 });
    await place.start();
    await place.approve('U_GRACE');
    await place.lock('U_LINUS', { service: '*', reason: 'incident' });
    await place.settle();
    expect((await place.newest()).state).toBe('blocked');
    expect(place.house.desk.notices('blocked').at(-1)?.voided).toEqual(['U_GRACE']);
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
    expect(place.house.desk.notices('blocked').at(-1)).not.toHaveProperty('voided');
  });
});

test('cards offer only what they can still do: of what is no longer live, and of a lock that is gone', async () => {
  const place = town();
  const { house } = place;
  await place.start();
  await place.approve();
  await place.ship();
  const first = await place.newest();
  expect(buttonsFor(first)).toContain('rollback');
  house.forge.push('main', 'fix: half a cent', { 'src/server.js': 'newer\n' });
  const fixed = house.forge.branches.get('main') ?? '';
  house.forge.push('main', 'docs: state', { [STATE]: stateFile(fixed) });
  await place.start();
  await place.approve();
  await place.ship();
  expect((await place.newest()).id).not.toBe(first.id);
  expect(buttonsFor(await house.ledger.get(first.id))).not.toContain('rollback');
  expect(buttonsFor(await place.newest())).toContain('rollback');
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
    house.forge.push('main', 'docs: withdrawn', {
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

describe('while the policy names nobody who may break the glass, nobody may', () => {
  const nobody = { users: [], groups: [] };

  test('the refusal of a start says so, and a reason does not help', async () => {
    const place = town({ freeze: [FREEZE], override: nobody });
    await place.wait(HOUR);
    const frozen = await refused(place.start());
    expect(frozen.facts).not.toHaveProperty('breakers');
    expect(explain(frozen).hint).toContain('Nobody may break the glass here');
    expect((await refused(place.start('U_LINUS', 'the till is down'))).code).toBe('glass-nobody');
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
    expect((await refused(place.breakGlass())).code).toBe('glass-nobody');
    expect((await place.newest()).state).toBe('blocked');
  });
});

test('the glass is broken at the start too', async () => {
  const place = town({ freeze: [FREEZE] });
  await place.wait(HOUR);
  expect((await refused(place.start('U_ADA', 'please'))).code).toBe('not-allowed');
  expect((await refused(place.start('U_LINUS', ' '))).code).toBe('glass-reason');
  await place.start('U_LINUS', 'the till is down');
  expect((await place.newest()).state).toBe('awaiting-approval');
  expect(place.kinds()).toEqual(['started', 'glass-broken', 'ready']);
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

test('a stop between approval and deploy is seen before the deploy, and people are asked again', async () => {
  const place = town();
  await place.start();
  const { house } = place;
  // While the release is cut, somebody stops everything.
  const cut = house.forge.cutRelease.bind(house.forge);
  house.forge.cutRelease = async (...args: Parameters<typeof cut>) => {
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
  expect([...house.forge.tags.keys()].filter((tag) => tag === 'v1.3.0')).toHaveLength(1);
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
    const remind = () => remindOfDebts(place.office);
    const overdue = () =>
      place.house.desk.notices('debt-reminder').map(({ isOverdue }) => (isOverdue ? 'overdue' : 'soon'));
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
});

describe('the line', () => {
  const wish = { bump: 'minor', feature: '014-coupons' } as const;

  test('those who wait for a locked service are called when it is free, with what they wanted', async () => {
    const place = town();
    await place.start();
    await steer(place.office, place.caller('U_ADA'), (await place.newest()).id, {
      kind: 'cancel',
      reason: 'later',
    });
    await place.wait(1_000);
    expect((await place.newest()).state).toBe('cancelled');
    const join = (user: string) => joinLine(place.office, place.caller(user), 'shop', wish);
    expect((await refused(join('U_GRACE'))).code).toBe('nothing-to-wait-for');
    await place.lock('U_ADA');
    await place.lock('U_ADA', { service: '*' });
    expect(await join('U_GRACE')).toBe(1);
    await place.unlock('U_ADA');
    expect(place.said('next-in-line')).toEqual([]);
    await place.unlock('U_ADA', '*');
    expect(place.said('next-in-line').map(({ notice }) => notice)).toEqual([
      { kind: 'next-in-line', user: 'U_GRACE', service: 'shop', wish },
    ]);
  });

  test('nobody is called into a freeze, but when it is over', async () => {
    const place = town({ freeze: [FREEZE] });
    await place.start();
    await joinLine(place.office, place.caller('U_GRACE'), 'shop', wish);
    await joinLine(place.office, place.caller('U_LINUS'), 'shop');
    await place.wait(HOUR);
    const { id } = await place.newest();
    await steer(place.office, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'later' });
    await place.wait(1_000);
    expect((await place.newest()).state).toBe('cancelled');
    const called = () => place.house.desk.notices('next-in-line').map(({ user }) => user);
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toEqual([]);
    await place.wait(4 * HOUR);
    await callThoseWhoWait(place.office, place.tell);
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toEqual(['U_GRACE']);
    // Grace does not come.
    await place.wait(HOUR / 2);
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toEqual(['U_GRACE', 'U_LINUS']);
    await place.wait(HOUR);
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toHaveLength(2);
  });

  test('whoever was called by an unlock keeps their turn; a lock that runs out calls too', async () => {
    const place = town();
    await place.start();
    const { id } = await place.newest();
    await steer(place.office, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'later' });
    await place.wait(1_000);
    await place.lock('U_ADA', { forMs: HOUR });
    await joinLine(place.office, place.caller('U_GRACE'), 'shop', wish);
    await joinLine(place.office, place.caller('U_LINUS'), 'shop', wish);
    const called = () => place.house.desk.notices('next-in-line').map(({ user }) => user);
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toEqual([]);
    await place.unlock('U_ADA');
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toEqual(['U_GRACE']);
    await place.lock('U_ADA', { forMs: HOUR });
    await place.wait(HOUR);
    await callThoseWhoWait(place.office, place.tell);
    expect(called()).toEqual(['U_GRACE', 'U_LINUS']);
  });

  test('a crash between taking a look at the line and calling loses nobody, and nobody is called twice', async () => {
    const place = town();
    await place.start();
    const { id } = await place.newest();
    await steer(place.office, place.caller('U_ADA'), id, { kind: 'cancel', reason: 'later' });
    await place.wait(1_000);
    await place.lock('U_ADA', { forMs: HOUR });
    await joinLine(place.office, place.caller('U_GRACE'), 'shop', wish);
    await place.wait(HOUR);
    const { desk, ledger } = place.house;
    const look = () => callThoseWhoWait(place.office, place.tell);
    const say = desk.say.bind(desk);
    desk.say = async () => {
      throw new Error('killed before it was said');
    };
    await expect(look()).rejects.toThrow('killed');
    desk.say = say;
    const leave = ledger.leaveLine.bind(ledger);
    ledger.leaveLine = async () => {
      throw new Error('killed after it was said');
    };
    await expect(look()).rejects.toThrow('killed');
    ledger.leaveLine = leave;
    await look();
    await look();
    expect(desk.notices('next-in-line').map(({ user }) => user)).toEqual(['U_GRACE']);
  });

  test('who waits for a service that was never shipped is called in its channel, until it worked', async () => {
    const place = town();
    await place.lock('U_ADA', { forMs: HOUR });
    await joinLine(place.office, place.caller('U_GRACE'), 'shop', wish);
    await place.wait(HOUR);
    const away = () => Promise.reject(new Error('Slack is away'));
    await expect(callThoseWhoWait(place.office, away)).rejects.toThrow('away');
    await callThoseWhoWait(place.office, place.tell);
    expect(place.told).toEqual([]);
    await place.wait(60_000);
    await callThoseWhoWait(place.office, place.tell);
    await callThoseWhoWait(place.office, place.tell);
    expect(place.told).toEqual(['U_GRACE']);
  });

  test('who waits for a service that was never shipped is called in its channel', async () => {
    const place = town();
    await place.lock('U_ADA');
    expect(await joinLine(place.office, place.caller('U_GRACE'), 'shop', wish)).toBe(1);
    await place.unlock('U_ADA');
    await callThoseWhoWait(place.office, place.tell);
    expect(place.told).toEqual(['U_GRACE']);
    expect(place.said('next-in-line')).toEqual([]);
  });
});
