import { describe, expect, test } from 'vitest';
import { promote } from '../../../src/flows/promote.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import type { RunMessage } from '../../../src/flows/run/port.ts';
import { ownRollback } from '../../../src/flows/watch/own-rollback.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House } from '../house.ts';

const ID = 'shop-0001';
const STOP_MS = 10_000;

/** A release that is rolled back by itself; people act at each wait. */
async function ship(
  house: House,
  people: (stoppable: boolean) => RunMessage | null | Promise<RunMessage | null>,
) {
  await house.open();
  const script = async () => {
    const { state, data } = await house.ledger.get(ID);
    if (state === 'awaiting-approval')
      return (await house.approveOnce(ID)) ? ({ kind: 'vote' } as const) : null;
    return state === 'monitoring' || state === 'verifying' ? people(data.stoppable !== undefined) : null;
  };
  await drive(new MemoryRun({ id: ID, clock: house.clock, script }), (run) => promote(run, house.ports, ID));
  return { promotion: await house.ledger.get(ID) };
}

const failing = (service: { readonly stopWithinMs?: number } = { stopWithinMs: STOP_MS }): House => {
  const house = new House({}, undefined, service);
  house.metrics.weather((_end, phase) => ({
    total: 600,
    errors: phase === 'after' ? 540 : 0,
    latencyMs: 20,
  }));
  return house;
};
const unhealthy = (): House => {
  const house = new House({}, undefined, { stopWithinMs: STOP_MS });
  house.check.always(({ version }) => ({ ok: version === '1.2.0', detail: 'down' }));
  return house;
};
const stop = { kind: 'stop', by: 'U_LINUS' } as const;

describe('a rollback that Slipway begins by itself', () => {
  test('is said at once, with when it begins, and begins when nobody stops it', async () => {
    const house = failing();
    let begun = 0;
    const { promotion } = await ship(house, (stoppable) => {
      if (stoppable) begun ||= house.clock.now();
      return null;
    });
    expect(promotion.state).toBe('rolled-back');
    const alarm = house.slack.notices('monitor').find(({ rollsBack }) => rollsBack !== undefined);
    expect(alarm?.rollsBack?.until).toBe(begun + STOP_MS);
    expect(promotion.data.rollback?.startedAt).toBe(begun + STOP_MS);
    expect(promotion.data.stoppable).toBeUndefined();
  });

  test.each([
    ['in the watch', failing, 'warning'],
    ['after health checks', unhealthy, 'unhealthy'],
  ] as const)(
    'is stopped by a person %s: nothing is deployed, and people are asked',
    async (_when, made, asks) => {
      const house = made();
      let waits = 0;
      const { promotion } = await ship(house, async (stoppable) => {
        if (stoppable) return stop;
        const { decision } = (await house.ledger.get(ID)).data;
        if (decision !== asks) return null;
        waits += 1;
        return waits > 3 ? { kind: 'rollback', by: 'U_GRACE', reason: 'enough' } : null;
      });
      expect(house.slack.notices('rollback-stopped')).toEqual([{ kind: 'rollback-stopped', by: 'U_LINUS' }]);
      expect(promotion.data.rollback).toMatchObject({ by: 'U_GRACE' });
      expect(waits).toBe(4);
    },
  );

  test('is not stopped any more once the time is over', async () => {
    const house = failing();
    await house.open();
    const press = () =>
      steer(house.requests(), { user: 'U_LINUS', via: 'button', key: 'k1' }, ID, { kind: 'stop' });
    await house.ledger.change(ID, { to: 'monitoring', data: { stoppable: house.clock.now() + STOP_MS } });
    await house.clock.advance(STOP_MS);
    await expect(press()).rejects.toMatchObject({ code: 'not-asked' });
    await house.ledger.change(ID, { data: { stoppable: house.clock.now() + 1 } });
    await press();
    await expect(press()).rejects.toMatchObject({ code: 'already-asked' });
  });

  test('takes as long as the card says: as the last ones did, or else this deployment', async () => {
    const house = failing();
    await house.open();
    const deployment = { id: 'd1', startedAt: 0, finishedAt: 240_000 };
    await house.ledger.change(ID, { data: { deployment } });
    expect(await ownRollback(house.ports, ID, STOP_MS)).toMatchObject({ takesMs: 240_000 });
    const to = { version: '1.2.0', tag: 'v1.2.0', commit: 'c'.repeat(40) };
    const rollback = { to, by: null, reason: 'slow', startedAt: 1_000, finishedAt: 91_000 };
    await house.ledger.change(ID, { data: { rollback } });
    expect(await ownRollback(house.ports, ID, STOP_MS)).toMatchObject({ takesMs: 240_000 });
    await house.ledger.change(ID, { data: { usual: { rollbackMs: 80_000 } } });
    expect(await ownRollback(house.ports, ID, STOP_MS)).toMatchObject({ takesMs: 80_000 });
  });

  test('with no time to stop it begins at once, as before', async () => {
    const house = failing({});
    const { promotion } = await ship(house, () => null);
    expect(promotion.state).toBe('rolled-back');
    expect(house.slack.notices('monitor').some(({ rollsBack }) => rollsBack !== undefined)).toBe(false);
  });
});
