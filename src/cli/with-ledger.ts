import type pg from 'pg';
import { databaseUrls } from '../app/environment.ts';
import { openDatabase } from '../engine/database/open.ts';
import { hasSchema, mustBeCurrent } from '../engine/migrations/migrate.ts';
import { prepareTables } from '../engine/migrations/prepare.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import type { Ledger } from '../flows/run/ledger.ts';
import { type Invocation, quietLog } from './invocation.ts';

/** What a command does about the tables: it takes them as they are, or brings them to this version, while no bot runs. */
export type TableUse = 'as-they-are' | 'brought';

/**
 * Runs `work` on what this installation has stored; it signs nothing. Refusals: those of the database, and those of
 * `mustBeCurrent`: an older bot may be at work. Where there is nothing yet, tables are made.
 */
export async function withLedger<T>(
  { env, output }: Pick<Invocation, 'env' | 'output'>,
  dataDir: string,
  work: (opened: { readonly ledger: Ledger; readonly pool: pg.Pool }) => Promise<T>,
  tables: TableUse = 'as-they-are',
): Promise<T> {
  const log = quietLog(env);
  const onWait = (server: string) => output.message(`Waiting for the database at ${server} …`);
  const database = await openDatabase({ ...databaseUrls(env), dataDir, log, onWait });
  try {
    const { pool } = database;
    if (tables === 'brought' || !(await hasSchema(pool))) await prepareTables(database, log);
    else await mustBeCurrent(pool);
    return await work({ ledger: createLedger({ pool, now: Date.now }), pool });
  } finally {
    await database.close();
  }
}
