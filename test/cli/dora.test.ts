import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../../src/cli/run.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import { freshDatabase, type TestDatabase } from '../engine/database.ts';

const DAY = 86_400_000;
let database: TestDatabase;

/** Six releases in the last six days, one of them rolled back after an hour. */
beforeAll(async () => {
  database = await freshDatabase();
  const ledger = createLedger({ pool: database.pool, now: Date.now });
  for (let ago = 1; ago <= 6; ago += 1) {
    const at = Date.now() - ago * DAY;
    const id = `shop-${ago}`;
    const release = { version: `1.${ago}.0`, tag: `v1.${ago}.0`, commit: 'c'.repeat(40) };
    const deployment = { id: 'd', startedAt: at - 1, finishedAt: at };
    await ledger.open({ id, request: { service: 'shop', bump: 'auto', by: 'U1' }, channel: 'C1' });
    const rollback = { to: release, by: 'U1', reason: 'bad', startedAt: at, finishedAt: at + 3_600_000 };
    await ledger.change(id, {
      to: ago === 3 ? 'rolled-back' : 'shipped',
      data: { release, deployment, commitTimes: [at - 7_200_000], ...(ago === 3 ? { rollback } : {}) },
    });
  }
});
afterAll(() => database?.close());

async function slipway(...argv: string[]) {
  let out = '';
  let err = '';
  const output = {
    result: (text: string) => {
      out += text;
    },
    message: (text: string) => {
      err += `${text}\n`;
    },
  };
  const code = await runCli(argv, { DATABASE_URL: database.url }, output);
  return { code, out, err };
}

test('the figures are printed as a line, as JSON and as CSV', async () => {
  const { code, out } = await slipway('dora', 'shop');
  expect(code).toBe(0);
  expect(out.split('\n')).toEqual([
    'shop: 6 releases in 30 days (1.4 a week), commit to production 2 h (median of 6), 16.7 % failed (1), restored in 1 h (median of 1)',
    'shop: 6 releases in 90 days (0.5 a week), commit to production 2 h (median of 6), 16.7 % failed (1), restored in 1 h (median of 1)',
    '',
  ]);
  const [figures, ...rest] = JSON.parse((await slipway('dora', 'shop', '--json', '--since', '10d')).out);
  expect(rest).toEqual([]);
  expect(figures).toMatchObject({ service: 'shop', deployments: 6, failed: 1, reworkRate: 0 });
  const [head = '', row = ''] = (await slipway('dora', 'shop', '--csv')).out.split('\n');
  expect(head.split(',')).toHaveLength(12);
  expect(row.split(',').slice(3)).toEqual([
    '6',
    '1.4',
    '7200000',
    '6',
    '1',
    '0.16666666666666666',
    '3600000',
    '1',
    '0',
  ]);
});

test('with few releases it says so, and a service that was never shipped has none', async () => {
  expect((await slipway('dora', 'shop', '--since', '3d')).out).toMatch(
    /^shop: [23] releases in 3 days: too few/,
  );
  expect((await slipway('dora', 'cart')).out).toContain('cart: 0 releases in 30 days: too few');
});

test('what it does not understand is said', async () => {
  expect((await slipway('dora', 'shop', 'cart')).code).toBe(2);
  expect((await slipway('dora', 'shop', '--json', '--csv')).code).toBe(2);
  expect((await slipway('dora', 'shop', '--since', 'yesterdayish')).code).toBe(1);
  expect((await slipway('dora')).err).toContain('Say which service');
});
