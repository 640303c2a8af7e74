import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { readinessOf } from '../../../src/app/operations/readiness.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { endPool, openPool, poolConfig } from '../../../src/engine/database/connection.ts';
import { createEngine } from '../../../src/engine/runs/engine.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

/** A database that is away in words that DBOS does not know: runs wait for it, and nothing is taken for a crash. */

const log = pino({ level: 'silent' });
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function onServer(database: TestDatabase, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({
    connectionString: Object.assign(new URL(database.url), { pathname: '/postgres' }).href,
  });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const nameOf = ({ url }: TestDatabase) => new URL(url).pathname.slice(1);
const cut = (database: TestDatabase) =>
  `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameOf(database)}'`;

async function running(database: Pick<TestDatabase, 'url'>) {
  const pool = openPool({ ...poolConfig(database.url), max: 5 }, log);
  ends.push(() => endPool(pool));
  const ledger = createLedger({ pool, now: Date.now });
  const crashed = vi.fn(async () => undefined);
  const seen: string[] = [];
  const engine = createEngine({
    database: { kind: 'server', url: database.url, pool },
    log,
    now: Date.now,
    onCrash: crashed,
    flows: {
      promote: async (run) => {
        for (let nth = 0; nth < 6; nth += 1) {
          await run.step(`step-${nth}`, async () => {
            await ledger.recent({ limit: 1 });
            seen.push(`step ${nth}`);
          });
          await run.wait(nth < 5 ? 300 : 0);
        }
        seen.push('over');
      },
      rollback: async () => undefined,
    },
  });
  await engine.launch();
  ends.push(() => engine.shutdown());
  await engine.runs.start('promote', 'p', { promotionId: 'p' });
  await vi.waitFor(() => expect(seen).toContain('step 1'), 10_000);
  return { seen, crashed, pool };
}

test('a server that only reads for a while, as one that is no longer the primary', async () => {
  const database = await freshDatabase();
  ends.push(() => database.close());
  database.pool.on('error', () => undefined);
  const { seen, crashed } = await running(database);
  await onServer(
    database,
    `alter database ${nameOf(database)} set default_transaction_read_only = on`,
    cut(database),
  );
  const before = seen.length;
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(seen.length - before).toBeLessThanOrEqual(1);
  // Nobody ends the connections that were made meanwhile.
  await onServer(database, `alter database ${nameOf(database)} reset default_transaction_read_only`);
  await vi.waitFor(() => expect(seen.at(-1)).toBe('over'), 30_000);
  expect(crashed).not.toHaveBeenCalled();
}, 60_000);

test('statements that somebody breaks off', async () => {
  const database = await freshDatabase();
  ends.push(() => database.close());
  const { seen, crashed } = await running(database);
  await onServer(database, `alter database ${nameOf(database)} set statement_timeout = 1`, cut(database));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await onServer(database, `alter database ${nameOf(database)} reset statement_timeout`, cut(database));
  await vi.waitFor(() => expect(seen.at(-1)).toBe('over'), 30_000);
  expect(crashed).not.toHaveBeenCalled();
}, 60_000);

test('a password that was changed: those who are in go on, and the run when the others are let in again', async () => {
  const database = await freshDatabase();
  ends.push(() => database.close());
  const role = `changed_${nameOf(database)}`;
  await onServer(database, `create role ${role} superuser login password 'old'`);
  ends.push(() => onServer(database, `drop role ${role}`));
  const url = Object.assign(new URL(database.url), { username: role, password: 'old' }).href;
  const { seen, crashed, pool } = await running({ url });
  const readiness = readinessOf({
    database: { pool },
    runs: { engine: { isInPlace: () => true }, requests: {} as never },
    bot: { bolt: { isConnected: () => true }, outboxWorker: { isWorking: () => true } },
  });
  const isOver = () => seen.includes('over');
  const ledger = createLedger({ pool, now: Date.now });
  // DBOS keeps the one that it listens with.
  const clients = await Promise.all(Array.from({ length: 4 }, () => pool.connect()));
  await onServer(database, `alter role ${role} password 'new'`);
  for (const client of clients) client.release(true);
  await expect(ledger.recent({ limit: 1 })).rejects.toBeInstanceOf(Unavailable);
  await vi.waitFor(
    async () =>
      expect((await readiness()).parts.database).toBe(
        'it lets in no new connection: has its password changed?',
      ),
    10_000,
  );
  expect(isOver()).toBe(false);
  await onServer(database, `alter role ${role} password 'old'`);
  await vi.waitFor(() => expect(isOver()).toBe(true), 30_000);
  expect(crashed).not.toHaveBeenCalled();
  await vi.waitFor(async () => expect((await readiness()).ready).toBe(true), 10_000);
}, 60_000);

test('a name that leads to no address is seen as an outage by DBOS too', async () => {
  const sdk = dirname(createRequire(import.meta.url).resolve('@dbos-inc/dbos-sdk'));
  const { retriablePostgresException } = createRequire(import.meta.url)(join(sdk, 'system_database.js')) as {
    retriablePostgresException(error: unknown): boolean;
  };
  const pool = openPool({ ...poolConfig('postgresql://a:b@nowhere.invalid/x'), max: 1 }, log);
  ends.push(() => endPool(pool));
  for (const ask of [() => pool.query('select 1'), () => pool.connect()]) {
    const error = await ask().then(
      () => null,
      (failed: unknown) => failed,
    );
    expect((error as NodeJS.ErrnoException).code).toMatch(/ENOTFOUND|EAI_AGAIN/);
    expect(retriablePostgresException(error)).toBe(true);
  }
});
