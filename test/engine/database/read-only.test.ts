import type pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readinessOf } from '../../../src/app/operations/readiness.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { endPool, openPool, poolConfig } from '../../../src/engine/database/connection.ts';
import { createLedger } from '../../../src/engine/tables/ledger.ts';
import { freshDatabase, type TestDatabase } from '../database.ts';

/** Connections to a server that answers and takes nothing, as one that another has taken over from. */

const ONLY_READS = 'default_transaction_read_only';
let database: TestDatabase;
let pool: pg.Pool;
beforeEach(async () => {
  database = await freshDatabase();
  pool = openPool({ ...poolConfig(database.url), max: 3 }, pino({ level: 'silent' }));
});
afterEach(async () => {
  await endPool(pool);
  await database.close();
});

const alter = (how: string) =>
  database.pool.query(`alter database ${new URL(database.url).pathname.slice(1)} ${how}`);

test('a connection that takes nothing is replaced, however often others read over it', async () => {
  const ledger = createLedger({ pool, now: Date.now });
  const request = { service: 'shop', bump: 'auto', by: 'UANN' } as const;
  const open = (id: string) => ledger.open({ id, request, channel: 'C1' });
  await alter(`set ${ONLY_READS} = on`);
  await expect(open('before')).rejects.toBeInstanceOf(Unavailable);
  const reads = setInterval(() => void ledger.recent({ limit: 1 }).catch(() => undefined), 100);
  try {
    await alter(`reset ${ONLY_READS}`);
    await vi.waitFor(() => open('after'), { timeout: 3_000, interval: 500 });
  } finally {
    clearInterval(reads);
  }
});

test('is not ready, says so, and is ready with the next connection', async () => {
  const readiness = readinessOf({
    database: { pool },
    runs: { engine: { isInPlace: () => true }, requests: {} as never },
    bot: { bolt: { isConnected: () => true }, outboxWorker: { isWorking: () => true } },
  });
  await alter(`set ${ONLY_READS} = on`);
  expect(await readiness()).toMatchObject({ ready: false, parts: { database: 'it only lets the bot read' } });
  await alter(`reset ${ONLY_READS}`);
  await vi.waitFor(async () => expect((await readiness()).ready).toBe(true), 3_000);
});
