import type pg from 'pg';
import { databaseUrls } from '../app/environment.ts';
import { openDatabase } from '../engine/database/open.ts';
import { isBotAtWork } from '../engine/database/place-lock.ts';
import { mustBeCurrent } from '../engine/migrations/migrate.ts';
import { prepareTables } from '../engine/migrations/prepare.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import type { Ledger } from '../flows/run/ledger.ts';
import { type Invocation, quietLog } from './invocation.ts';

/**
 * Runs `work` on what this installation has stored; it signs nothing. Tables are made or brought to this version where no bot
 * is at work, which may be an older one. Refusals: those of the database, of `mustBeCurrent` and of `prepareTables`.
 */
export async function withLedger<T>(
  { env, output }: Pick<Invocation, 'env' | 'output'>,
  dataDir: string,
  work: (opened: { readonly ledger: Ledger; readonly pool: pg.Pool }) => Promise<T>,
): Promise<T> {
  const log = quietLog(env);
  const onWait = (server: string) => output.message(`Waiting for the database at ${server} …`);
  const database = await openDatabase({ ...databaseUrls(env), dataDir, log, onWait });
  try {
    const { pool } = database;
    if (await isBotAtWork(pool)) await mustBeCurrent(pool);
    else await prepareTables(database, log);
    return await work({ ledger: createLedger({ pool, now: Date.now }), pool });
  } finally {
    await database.close();
  }
}
