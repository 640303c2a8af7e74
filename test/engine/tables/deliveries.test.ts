import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PromotionData } from '../../../src/domain/promotion/promotion.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { figuresOf } from '../../../src/flows/requests/statistics.ts';
import type { Ledger } from '../../../src/flows/run/ledger.ts';
import { MemoryLedger } from '../../fakes/memory-ledger.ts';
import type { TestDatabase } from '../database.ts';
import { freshDatabase } from '../database.ts';

const NOW = Date.UTC(2030, 0, 7, 10);
const release = (version: string) => ({ version, tag: `v${version}`, commit: 'c'.repeat(40) });
const deployment = (at: number) => ({ id: 'd', startedAt: at - 60_000, finishedAt: at });
let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.close());

const ledgers: readonly (readonly [string, () => Promise<Ledger>])[] = [
  ['in memory', async () => new MemoryLedger(() => NOW)],
  [
    'on PostgreSQL',
    async () => {
      await database.pool.query('truncate slipway.promotions, slipway.deliveries cascade');
      return createLedger({ pool: database.pool, now: () => NOW });
    },
  ],
];

describe.each(ledgers)('what a ledger %s knows of deliveries', (_name, open) => {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await open();
  });
  const start = (id: string, more: object = {}) =>
    ledger.open({ id, request: { service: 'shop', bump: 'auto', by: 'U1', ...more }, channel: 'C1' });

  test('nothing before the deployment has succeeded, and all of it afterwards', async () => {
    await start('p1');
    await ledger.change('p1', { to: 'deploying', data: { release: release('1.1.0'), commitTimes: [5, 4] } });
    expect(await ledger.deliveries('shop', 0)).toEqual([]);
    await ledger.change('p1', { to: 'verifying', data: { deployment: deployment(NOW) } });
    const delivered = { promotion: 'p1', service: 'shop', version: '1.1.0', at: NOW, commits: [5, 4] };
    expect(await ledger.deliveries('shop', NOW)).toEqual([delivered]);
    expect(await ledger.deliveries('shop', NOW + 1)).toEqual([]);
    expect(await ledger.deliveries('cart', 0)).toEqual([]);
    expect(await ledger.deliveredOrBack(NOW)).toEqual([{ id: 'p1', service: 'shop', state: 'verifying' }]);
    expect(await ledger.deliveredOrBack(NOW + 1)).toEqual([]);

    const rollback = { to: release('1.0.0'), by: 'U1', reason: 'bad', startedAt: NOW };
    await ledger.change('p1', { to: 'rolling-back', data: { rollback } });
    expect(await ledger.deliveries('shop', 0)).toEqual([{ ...delivered, rolledBack: { restoredAt: null } }]);
    await ledger.change('p1', {
      to: 'rolled-back',
      data: { rollback: { ...rollback, finishedAt: NOW + 9 } },
    });
    expect(await ledger.deliveries('shop', 0)).toEqual([
      { ...delivered, rolledBack: { restoredAt: NOW + 9 } },
    ]);
    expect(await ledger.deliveredOrBack(NOW + 9)).toEqual([
      { id: 'p1', service: 'shop', state: 'rolled-back' },
    ]);
    expect(await ledger.deliveredOrBack(NOW + 10)).toEqual([]);
  });

  test('a hotfix names what it mends', async () => {
    await start('p2', { hotfix: { of: { promotion: 'p1', version: '1.1.0', commit: 'c' } } });
    const data: PromotionData = { release: release('1.1.1'), deployment: deployment(NOW) };
    await ledger.change('p2', { to: 'shipped', data });
    expect(await ledger.deliveries('shop', 0)).toMatchObject([{ promotion: 'p2', mends: 'p1' }]);
  });
});

describe('on PostgreSQL', () => {
  const ledger = () => createLedger({ pool: database.pool, now: () => NOW });

  /** Promotions of an earlier version: many of them, with documents of a usual size. */
  async function fill(count: number, perPage = 1_000): Promise<void> {
    await database.pool.query('truncate slipway.promotions, slipway.deliveries cascade');
    const data = JSON.stringify({
      release: release('1.1.0'),
      deployment: deployment(NOW),
      notice: { kind: 'info', text: 'x'.repeat(500) },
    });
    for (let from = 0; from < count; from += perPage)
      await database.pool.query(
        `insert into slipway.promotions (id, service, state, revision, turn, created_at, updated_at, request, channel, data)
         select 'p' || n, 'shop', 'shipped', 1, 1, $2, $2, '{"service":"shop","bump":"auto","by":"U1"}', 'C1', $1
         from generate_series($3::int, $4::int) n`,
        [data, new Date(NOW), from + 1, from + perPage],
      );
  }

  test('the figures of 10,000 releases take less than a second, by the index', async () => {
    await fill(10_000);
    await database.pool.query(
      `insert into slipway.deliveries (promotion_id, service, version, at, commits, rolled_back, restored_at)
       select id, service, '1.1.0', $1::timestamptz - substr(id, 2)::int * interval '5 minutes',
              array[1, 2, 3], substr(id, 2)::int % 10 = 0, null from slipway.promotions`,
      [new Date(NOW)],
    );
    await database.pool.query('analyze slipway.deliveries');
    const begun = performance.now();
    const [month, quarter] = await figuresOf({ ledger: ledger(), now: () => NOW }, 'shop');
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(month?.deployments).toBe(30 * 24 * 12);
    expect(quarter?.deployments).toBe(10_000);
    expect(quarter?.failureRate).toBeCloseTo(0.1);
    const explained = await database.pool.query(
      `explain select * from slipway.deliveries where service = 'shop' and at >= $1 order by at limit 10`,
      [new Date(NOW - 60_000_000)],
    );
    expect(JSON.stringify(explained.rows)).toMatch(/Index Scan using deliveries_by_(?:service|time) /);
  });
});
