import { beforeEach, describe, expect, test } from 'vitest';
import type { PromotionData, PromotionState } from '../../../src/domain/promotion/promotion.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { unlockService } from '../../../src/flows/requests/locks.ts';
import { audited, type Caller, type RequestContext } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { inspect } from '../../../src/flows/steps/inspect.ts';
import { House } from '../house.ts';

/** What only one person may do, and what a button was drawn for. */
describe('of those who ask for the same', () => {
  const ID = 'shop-0001';
  let house: House;
  let requests: RequestContext;
  let delivered: Map<string, RunMessage>;
  let isDown: boolean;

  beforeEach(async () => {
    house = new House();
    delivered = new Map();
    isDown = false;
    requests = house.requests({
      runs: {
        start: async () => {},
        standing: async () => new Map(),
        // As the engine does: once per key.
        send: async (_id, message, key) => {
          if (isDown) throw new Unavailable('the database', 'does not answer');
          if (!delivered.has(key)) delivered.set(key, message);
        },
      },
      newId: () => ID,
    });
    await house.open();
  });

  let clicks = 0;
  const by = (user: string): Caller => ({ user, via: 'button', key: `${user}:${++clicks}` });
  const to = (state: PromotionState, data: Partial<PromotionData> = {}) =>
    house.ledger.change(ID, { to: state, data });
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    );
  const kinds = () => [...delivered.values()].map(({ kind }) => kind);
  const rows = async (action: string) =>
    (await house.ledger.auditTrail({ limit: 999 })).filter((row) => row.action === action);

  const people = Array.from({ length: 50 }, (_, index) => `U${index}`);

  test('fifty cancel at once: one does, and the others hear who it was', async () => {
    await to('blocked');
    const outcomes = await Promise.all(
      people.map((user) => outcome(steer(requests, by(user), ID, { kind: 'cancel', reason: '' }))),
    );
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(1);
    expect(outcomes.filter((one) => one === 'already-asked')).toHaveLength(49);
    expect(delivered.size).toBe(1);
    const all = await rows('promotion.cancel');
    expect(all.filter(({ result }) => result === 'done')).toHaveLength(1);
    const winner = all.find(({ result }) => result === 'done')?.actor;
    for (const row of all.filter(({ result }) => result === 'refused'))
      expect(row.detail?.['owner']).toBe(winner);
  });

  test('a double click counts once', async () => {
    await to('blocked');
    const twice = [
      steer(requests, by('U1'), ID, { kind: 'recheck' }),
      steer(requests, by('U1'), ID, { kind: 'recheck' }),
    ];
    expect((await Promise.all(twice.map(outcome))).sort()).toEqual(['already-asked', 'done']);
    expect(delivered.size).toBe(1);
  });

  test('one question gets one answer, and a rollback goes before it', async () => {
    await to('verifying', { decision: 'unhealthy', plan: await planOf(house) });
    expect(await outcome(steer(requests, by('U1'), ID, { kind: 'retry' }))).toBe('done');
    expect(await outcome(steer(requests, by('U2'), ID, { kind: 'accept' }))).toBe('already-asked');
    expect(await outcome(requestRollback(requests, by('U3'), ID, { reason: 'broken' }))).toBe('done');
    expect(await outcome(requestRollback(requests, by('U4'), ID, { reason: 'broken' }))).toBe(
      'already-asked',
    );
    expect(await outcome(steer(requests, by('U2'), ID, { kind: 'accept' }))).toBe('already-asked');
    expect(kinds()).toEqual(['retry', 'rollback']);
    // The next question is another one.
    await to('rolling-back', { decision: 'retry-deploy' });
    expect(await outcome(steer(requests, by('U2'), ID, { kind: 'accept' }))).toBe('done');
  });

  test('of two rollbacks of what was shipped, one reopens it', async () => {
    const at = house.clock.now();
    const deployment = { id: 'd', startedAt: at, finishedAt: at };
    await to('shipped', { plan: await planOf(house), deployment });
    const outcomes = await Promise.all(
      ['U1', 'U2', 'U1'].map((user) =>
        outcome(requestRollback(requests, by(user), ID, { reason: 'broken' })),
      ),
    );
    expect(outcomes.sort()).toEqual(['already-asked', 'already-asked', 'done']);
    const all = await rows('rollback.requested');
    expect(all.map(({ result }) => result).sort()).toEqual(['done', 'refused', 'refused']);
  });

  test('a word that was lost on the way goes out with the next click, in the name of who was first', async () => {
    await to('blocked');
    isDown = true;
    expect(await outcome(steer(requests, by('U1'), ID, { kind: 'cancel', reason: 'no' }))).toContain(
      'the database',
    );
    isDown = false;
    expect(await outcome(steer(requests, by('U2'), ID, { kind: 'cancel', reason: 'no' }))).toBe(
      'already-asked',
    );
    expect([...delivered.values()]).toEqual([{ kind: 'cancel', by: 'U1', reason: 'no' }]);
  });

  describe('a button of an earlier turn', () => {
    test('does nothing any more', async () => {
      const { turn } = await to('verifying', { decision: 'unhealthy' });
      await to('deploying', { decision: 'retry-deploy' });
      const retry = { kind: 'retry' } as const;
      expect(await outcome(steer(requests, by('U1'), ID, retry, { turn }))).toBe('card-changed');
      const cancel = { kind: 'cancel', reason: '' } as const;
      expect(await outcome(steer(requests, by('U1'), ID, cancel, { turn }))).toBe('card-changed');
      expect(delivered.size).toBe(0);
      expect(await rows('promotion.retry')).toMatchObject([
        { result: 'refused', detail: { code: 'card-changed' } },
      ]);
    });

    test('still cancels before the release, and still rolls back', async () => {
      const { turn } = await to('checking');
      await to('blocked');
      const cancel = { kind: 'cancel', reason: '' } as const;
      expect(await outcome(steer(requests, by('U1'), ID, cancel, { turn }))).toBe('done');
      await to('monitoring', { plan: await planOf(house) });
      expect(await outcome(requestRollback(requests, by('U1'), ID, { reason: 'x' }))).toBe('done');
    });

    test('is never told that it comes too early: what it was for is over', async () => {
      const stage = { share: 5, next: 25, shares: [5, 25, 100] };
      const { turn } = await to('monitoring', { stage });
      await to('deploying');
      const accept = { kind: 'accept' } as const;
      expect(await outcome(steer(requests, by('U2'), ID, accept, { turn }))).toBe('promotion-moved-on');
      expect(await outcome(steer(requests, by('U2'), ID, { kind: 'hold' }))).toBe('promotion-moved-on');
      await house.ledger.change(ID, { data: { stage: null } });
      const failed = await to('deploying', { decision: 'retry-deploy' });
      await house.ledger.change(ID, { to: 'blocked', data: { decision: null } });
      const retry = { kind: 'retry' } as const;
      expect(await outcome(steer(requests, by('U2'), ID, retry, failed))).toBe('promotion-moved-on');
      expect(await outcome(steer(requests, by('U2'), ID, { kind: 'hold' }))).toBe('too-early');
    });

    test('each look is asked for once, and again when it is over', async () => {
      const { turn } = await to('blocked');
      expect(await outcome(steer(requests, by('U1'), ID, { kind: 'recheck' }, { turn }))).toBe('done');
      const after = await to('blocked');
      expect(await outcome(steer(requests, by('U2'), ID, { kind: 'recheck' }, { turn }))).toBe(
        'card-changed',
      );
      expect(await outcome(steer(requests, by('U2'), ID, { kind: 'recheck' }, { turn: after.turn }))).toBe(
        'done',
      );
    });
  });

  test('fifty extend the window at once: it grows once, and may grow again', async () => {
    const monitor = { startedAt: 0, endsAt: 9, tick: 1, held: false, errorRates: [], blind: 0, reports: 0 };
    const judgement = { verdict: 'healthy', findings: [] } as const;
    await to('monitoring', { monitor: { ...monitor, judgement } });
    const extend = { kind: 'extend', ms: 900_000 } as const;
    const outcomes = await Promise.all(
      people.map((user) => outcome(steer(requests, by(user), ID, extend, { turn: 2, window: 0 }))),
    );
    expect(outcomes.filter((one) => one === 'done')).toHaveLength(1);
    expect(delivered.size).toBe(1);
    // The run has taken it; the decision may have changed meanwhile, the window is what counts.
    await house.ledger.change(ID, {
      data: { monitor: { ...monitor, judgement, window: 1 }, decision: 'warning' },
    });
    expect(await outcome(steer(requests, by('U1'), ID, extend, { turn: 2, window: 0 }))).toBe('card-changed');
    expect(await outcome(steer(requests, by('U1'), ID, extend, { turn: 2, window: 1 }))).toBe('done');
  });

  test('a button unlocks the lock that it was drawn for, and no other', async () => {
    const lock = await house.ledger.lock({ service: 'shop', owner: 'U1', reason: 'migration' });
    await house.clock.advance(1_000);
    await house.ledger.unlock('shop', 'U1');
    const other = await house.ledger.lock({ service: 'shop', owner: 'U2', reason: 'incident' });
    const unlock = (seen: Parameters<typeof unlockService>[3]) =>
      outcome(unlockService(requests, by('U3'), 'shop', { ...seen, because: 'mended' }));
    expect(await unlock({ since: lock.since })).toBe('lock-changed');
    expect(await unlock({ promotion: ID })).toBe('lock-changed');
    expect(await unlock({ since: other.since })).toBe('done');
    expect(await unlock({ since: other.since })).toBe('not-locked');
    expect((await rows('lock.released')).map(({ actor, result }) => [actor, result])).toEqual([
      ['U3', 'refused'],
      ['U3', 'done'],
      ['U3', 'refused'],
      ['U3', 'refused'],
      ['U1', 'done'],
    ]);
  });

  test('a lock that is taken over while somebody else unlocks stays', async () => {
    const { ledger } = house;
    await ledger.lock({ service: 'shop', owner: 'U1', reason: 'migration' });
    await house.clock.advance(1_000);
    const look = ledger.lockOf.bind(ledger);
    ledger.lockOf = async (service) => {
      const seen = await look(service);
      ledger.lockOf = look;
      await ledger.stealLock({ service: 'shop', owner: 'U2', reason: 'incident' });
      return seen;
    };
    expect(await outcome(unlockService(requests, by('U3'), 'shop', { because: 'mended' }))).toBe(
      'lock-changed',
    );
    expect(await ledger.lockOf('shop')).toMatchObject({ owner: 'U2' });
  });

  test('what did not work leaves one row that says so, without what it was', async () => {
    await to('blocked');
    const caller = by('U1');
    const broken = audited(requests, caller, { action: 'button.recheck' }, async () => {
      throw new Error('password=hunter2');
    });
    expect(await outcome(broken)).toContain('hunter2');
    const [row] = await house.ledger.auditTrail({ limit: 1 });
    expect(row).toMatchObject({
      action: 'button.recheck',
      result: 'failed',
      detail: { reason: 'unexpected' },
    });
  });
});

async function planOf(house: House) {
  const { plan } = await inspect(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
  if (!plan) throw new Error('no plan');
  return plan;
}
