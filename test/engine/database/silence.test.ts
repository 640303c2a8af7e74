import { pino } from 'pino';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { DatabaseClient, patiently } from '../../../src/engine/database/client.ts';
import { endPool, isPassing, openPool, poolConfig } from '../../../src/engine/database/connection.ts';
import { SharedSession } from '../../../src/engine/outbox/shared-session.ts';
import { createEngine } from '../../../src/engine/runs/engine.ts';
import { joinReplicas } from '../../../src/engine/runs/replicas.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { type BlackHole, blackHole, withOtherPid } from '../../fakes/network/black-hole.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

const log = pino({ level: 'silent' });
let database: TestDatabase;
let network: BlackHole;
const ends: (() => unknown)[] = [];

beforeEach(async () => {
  database = await freshDatabase();
  network = await blackHole(database.url);
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await network.close();
  await database.close();
});

const pooled = (silenceMs = 1_000) => {
  const pool = openPool(
    { ...poolConfig(network.url), silenceMs, connectionTimeoutMillis: 1_000, max: 3 },
    log,
  );
  ends.push(() => endPool(pool));
  return pool;
};
const took = async (work: () => Promise<unknown>) => {
  const began = performance.now();
  const error = await work().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, ms: performance.now() - began };
};

test('packets are dropped: queries end as unavailable, and go on with what gets through again', async () => {
  const pool = pooled();
  const ledger = createLedger({ pool, now: Date.now });
  await ledger.open({ id: 'p', request: { service: 'shop', bump: 'auto', by: 'UANN' }, channel: 'C1' });
  network.swallow();
  const read = await took(() => ledger.get('p'));
  expect(read.error).toBeInstanceOf(Unavailable);
  expect(read.ms).toBeLessThan(20_000);
  const written = await took(() => ledger.change('p', { key: 'fail', to: 'failed' }));
  expect(written.error).toBeInstanceOf(Unavailable);
  network.open();
  expect((await ledger.get('p')).state).toBe('checking');
}, 60_000);

test.each([
  ['directly', undefined],
  ['by a pooler in session mode', withOtherPid],
])(
  'a transaction that was swallowed holds its locks only until the server is reached again, %s',
  async (_how, rewritten) => {
    await network.close();
    network = await blackHole(database.url, rewritten);
    const pool = pooled();
    const client = await pool.connect();
    await client.query('begin');
    await client.query('select pg_advisory_lock(77)');
    network.swallow({ isOpen: true });
    const { error } = await took(() => client.query('select 1'));
    expect(isPassing(error)).toBe(true);
    client.release(true);
    await vi.waitFor(async () => {
      const { rows } = await pool.query<{ got: boolean }>('select pg_try_advisory_lock(77) as got');
      expect(rows[0]?.got).toBe(true);
    }, 10_000);
  },
  30_000,
);

test('what is allowed to take long may, and only for as long', async () => {
  const pool = pooled(300);
  expect((await took(() => patiently(() => pool.query('select pg_sleep(1)')))).error).toBeNull();
  expect((await took(() => pool.query('select pg_sleep(1)'))).error).toMatchObject({ code: 'ETIMEDOUT' });
  // As many rows as it likes, as long as they come.
  const slow = "select i, pg_sleep(0.01), repeat('x', 10000) from generate_series(1, 60) i";
  expect((await took(() => pool.query(slow))).error).toBeNull();
});

test.skipIf(process.env['TEST_DATABASE_URL'] !== undefined)(
  'the process of a connection stands still: the next query has another one',
  async () => {
    expect(inject('serverUrl')).toBeTruthy();
    const pool = pooled();
    const client = await pool.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const { error } = await took(() => client.query('select 1'));
      expect(error).toMatchObject({ code: 'ETIMEDOUT' });
      client.release();
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  },
);

test('what is said to Slack does not wait behind a query that is never answered', async () => {
  const pool = pooled();
  const session = new SharedSession(pool, undefined);
  const ask = () => session.use((db) => db.selectFrom('promotions').selectAll().execute());
  await ask();
  let isHeld = true;
  const holder = session.use(async (db) => {
    while (isHeld) await new Promise((resolve) => setTimeout(resolve, 20));
    return db.selectFrom('promotions').selectAll().execute();
  });
  network.swallow({ isOpen: true });
  const [first, second] = await Promise.all([took(ask), took(ask)]);
  expect(first.error).toBeInstanceOf(Unavailable);
  expect(second.error).toBeInstanceOf(Unavailable);
  expect(await ask()).toEqual([]);
  isHeld = false;
  await expect(holder).rejects.toBeInstanceOf(Unavailable);
}, 30_000);

test('who only listens notices it too, once another connection has', async () => {
  const pool = pooled();
  const listener = await pool.connect();
  await listener.query('listen news');
  const idle = [await pool.connect(), await pool.connect()];
  for (const one of idle) one.release();
  const ended = new Promise((resolve) => listener.once('error', resolve));
  network.swallow({ isOpen: true });
  expect((await took(() => pool.query('select 1'))).error).toMatchObject({ code: 'ETIMEDOUT' });
  expect((await took(() => pool.query('select 1'))).ms).toBeLessThan(900);
  expect(await ended).toMatchObject({ code: 'ETIMEDOUT' });
  listener.release(true);
}, 30_000);

test('the place among the replicas is taken again over another connection, also while the server keeps the old one', async () => {
  const place = await joinReplicas({
    database: { kind: 'server', url: network.url },
    log,
    staleMs: 2_000,
    takeOver: async () => 0,
  });
  ends.push(() => place.leave(true));
  expect(place.isFresh()).toBe(true);
  network.swallow({ isOpen: true });
  await vi.waitUntil(() => place.losses === 1, 15_000);
  const began = performance.now();
  await vi.waitUntil(() => place.isFresh(), 15_000);
  expect(performance.now() - began).toBeLessThan(10_000);
}, 40_000);

test('a server that takes no sign of life is asked less and less often', async () => {
  const place = await joinReplicas({
    database: { kind: 'server', url: network.url },
    log,
    staleMs: 400,
    takeOver: async () => 0,
  });
  ends.push(() => place.leave(true));
  const before = network.connections();
  await database.pool.query('alter table slipway.replicas rename to gone');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(network.connections() - before).toBeLessThan(9);
  expect(place.losses).toBeGreaterThan(1);
  await database.pool.query('alter table slipway.gone rename to replicas');
  await vi.waitUntil(() => place.isFresh(), 10_000);
}, 30_000);

test('a process that is told to stop while nothing is answered ends', async () => {
  const pool = openPool({ ...poolConfig(network.url), max: 5 }, log);
  const engine = createEngine({
    database: { kind: 'server', url: network.url, pool },
    log,
    now: Date.now,
    onCrash: async () => undefined,
    flows: { promote: async () => undefined, rollback: async (run) => void (await run.wait(60_000)) },
  });
  await engine.launch();
  await engine.runs.start('rollback', 'r', { promotionId: 'p', by: null, reason: 'bad' });
  network.swallow();
  const { ms } = await took(async () => {
    await engine.shutdown();
    await endPool(pool);
  });
  expect(ms).toBeLessThan(25_000);
}, 60_000);

test('a connection that was asked and never made ends without ending the process', async () => {
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  ends.push(() => process.off('uncaughtException', uncaught));
  const client = new DatabaseClient({ ...poolConfig(network.url), silenceMs: 100 });
  void client.query('select 1').catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(uncaught).not.toHaveBeenCalled();
});

test('a connection that was let go of, listeners and all, ends without ending the process', async () => {
  const uncaught = vi.fn();
  process.on('uncaughtException', uncaught);
  ends.push(() => process.off('uncaughtException', uncaught));
  const client = await pooled().connect();
  client.removeAllListeners();
  network.swallow();
  await expect(client.query('select 1')).rejects.toThrow('no answer');
  await new Promise((resolve) => setTimeout(resolve, 100));
  client.release(true);
  expect(uncaught).not.toHaveBeenCalled();
});
