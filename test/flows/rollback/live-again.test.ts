import { describe, expect, test } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { promote } from '../../../src/flows/promote.ts';
import { newestDeployed, requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import type { Run } from '../../../src/flows/run/port.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

const FIRST = 'shop-0001';
const SECOND = 'shop-0002';

/** 1.3.0 shipped, and 1.4.0 after it. */
async function shippedTwice() {
  const house = new House();
  const drives = async (id: string, flow: (run: Run) => Promise<unknown>, name = id) => {
    const script = async () =>
      (await house.state(id)) === 'awaiting-approval' && (await house.approveOnce(id))
        ? ({ kind: 'vote' } as const)
        : null;
    await drive(new MemoryRun({ id: name, clock: house.clock, script }), flow);
  };
  await house.open();
  await drives(FIRST, (run) => promote(run, house.ports, FIRST));
  house.repository.push('main', 'feat: gifts', { 'src/server.js': 'gifts\n' });
  house.repository.push('main', 'docs: state', {
    [STATE]: stateFile(house.repository.branches.get('main') ?? ''),
  });
  const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
  await house.ledger.open({ id: SECOND, request, channel: 'C_SHIP' });
  await drives(SECOND, (run) => promote(run, house.ports, SECOND));
  const begun: string[] = [];
  const requests = house.requests({
    runs: {
      start: async (_flow, id) => void begun.push(id),
      send: async () => undefined,
      standing: async () => new Map(),
    },
  });
  let asked = 0;
  return {
    house,
    begun,
    requests,
    superseded: async (id: string) => (await house.ledger.get(id)).data.superseded,
    takeBack: (id: string, to?: string) => {
      const order = { by: 'U_LINUS', reason: 'bad', ...(to === undefined ? {} : { to }) };
      return drives(id, (run) => rollback(run, house.ports, id, order), `${id}-rollback-${++asked}`);
    },
    ask: (id: string, to?: string) =>
      requestRollback(requests, { user: 'U_LINUS', via: 'button', key: `${++asked}` }, id, {
        reason: 'bad',
        ...(to === undefined ? {} : { to }),
      }).then(
        () => 'done',
        (error: unknown) => (error instanceof Refusal ? explain(error).text : Promise.reject(error)),
      ),
  };
}

describe('a release that is live again', () => {
  test.each([
    ['production says so', null],
    ['production does not answer', new Unavailable('production', 'answered 500')],
    ['production answers with a page', new Refusal('target-live-not-understood', { target: 'x', said: '<' })],
  ])('can be rolled back from its thread when %s', async (_how, error) => {
    const shop = await shippedTwice();
    const { house } = shop;
    if (error) {
      await shop.takeBack(SECOND);
      house.target.live = async () => Promise.reject(error);
    } else {
      expect(await shop.superseded(FIRST)).toBe('1.4.0');
      expect(await shop.ask(FIRST)).toBe(
        'shop 1.3.0 is no longer what is live: that is 1.4.0. Nothing was rolled back.',
      );
      await shop.takeBack(SECOND);
    }
    expect(await house.state(SECOND)).toBe('rolled-back');
    expect(house.target.current?.version).toBe('1.3.0');
    expect(await shop.superseded(FIRST)).toBeUndefined();
    expect(await shop.ask(FIRST)).toBe('done');
    expect(shop.begun).toEqual([expect.stringMatching(/^shop-0001-rollback-/)]);
  });

  test('is the one that the rollback went to, and no other', async () => {
    const shop = await shippedTwice();
    await shop.takeBack(SECOND);
    expect(await shop.superseded(FIRST)).toBeUndefined();
    await shop.takeBack(SECOND, '1.2.0');
    expect(shop.house.target.current?.version).toBe('1.2.0');
    expect(await shop.superseded(FIRST)).toBe('1.2.0');
    expect(await shop.ask(FIRST)).toContain('that is 1.2.0');
    expect(shop.begun).toEqual([]);
  });
});

describe('a release that was cancelled after production got it', () => {
  const [older, newer] = [
    { commit: '', version: '1.4.0' },
    { commit: '', version: '1.5.0' },
  ];
  test.each([
    ['and only its version is told', newer],
    ['in one of two regions', { commit: '', version: '1.5.0 and 1.4.0', of: [newer, older] }],
    ['in one of two regions, whichever is named first', { commit: '', version: 'both', of: [older, newer] }],
  ])('is what a rollback is about, %s', async (_how, live) => {
    const shop = await shippedTwice();
    const { release, plan } = (await shop.house.ledger.get(SECOND)).data;
    const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
    await shop.house.ledger.open({ id: 'shop-0003', request, channel: 'C_SHIP' });
    if (!release || !plan) throw new Error('it was not shipped');
    const commit = shop.house.repository.push('main', 'chore: release 1.5.0', {});
    shop.house.repository.tag('v1.5.0', commit);
    const half = { ...release, version: '1.5.0', tag: 'v1.5.0', commit };
    const data = { release: half, plan: { ...plan, rollbackTo: release } };
    await shop.house.ledger.change('shop-0003', { to: 'cancelled', data });
    shop.house.target.current = live;
    expect((await newestDeployed(shop.requests, 'shop')).id).toBe('shop-0003');
    expect(await shop.ask(SECOND)).toContain('shop 1.4.0 is no longer what is live: that is');
    expect(await shop.ask('shop-0003', '1.4.0')).toBe('done');
    expect(shop.begun).toEqual([expect.stringMatching(/^shop-0003-rollback-/)]);
  });
});

test('what failed while it was deployed can be rolled back from its thread when production says nothing', async () => {
  const shop = await shippedTwice();
  const { release, plan } = (await shop.house.ledger.get(SECOND)).data;
  const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
  await shop.house.ledger.open({ id: 'shop-0003', request, channel: 'C_SHIP' });
  if (!release || !plan) throw new Error('it was not shipped');
  const half = { ...release, version: '1.5.0', tag: 'v1.5.0', commit: 'c'.repeat(40) };
  await shop.house.ledger.change('shop-0003', { to: 'failed', data: { release: half, plan } });
  shop.house.target.live = async () => Promise.reject(new Unavailable('production', 'answered 500'));
  expect((await newestDeployed(shop.requests, 'shop')).id).toBe(SECOND);
  expect(await shop.ask('shop-0003')).toBe('done');
});

test('what is live can be rolled back however many promotions did not ship since', async () => {
  const shop = await shippedTwice();
  const request = { service: 'shop', bump: 'auto', by: 'U_ADA' } as const;
  for (let nth = 1; nth <= 120; nth += 1) {
    const id = `shop-1${nth}`;
    await shop.house.ledger.open({ id, request, channel: 'C_SHIP' });
    await shop.house.ledger.change(id, { to: nth % 2 === 0 ? 'cancelled' : 'expired', data: {} });
  }
  expect((await newestDeployed(shop.requests, 'shop')).id).toBe(SECOND);
  expect(await shop.ask(FIRST)).toContain('that is 1.4.0');
  expect(await shop.ask(SECOND)).toBe('done');
});
