import type pg from 'pg';
import type { Logger } from 'pino';
import { endPool, openPool, poolConfig } from '../database/connection.ts';
import type { Database } from '../database/open.ts';
import type { BringTables } from '../database/upgrade.ts';
import { JOURNAL_SCHEMA, MAY_WORK } from './grants.ts';
import { isCurrent, isNotThere, migrate } from './migrate.ts';

/**
 * Brings our tables to this version. Where another role owns them than the one that the bot works as, the owner does it,
 * and gives the bot what it needs. Refusals: those of `migrate`.
 */
export async function prepareTables(
  { pool, ownerUrl }: Pick<Database, 'pool' | 'ownerUrl'>,
  log: Logger,
): Promise<void> {
  if (ownerUrl === null) {
    await migrate(pool);
    return;
  }
  const { rows } = await pool.query<{ role: string }>('select current_user as role');
  const role = rows[0]?.role ?? '';
  if ((await isCurrent(pool)) && (await mayWork(pool, role))) return;
  const owner = openPool({ ...poolConfig(ownerUrl), max: 1 }, log);
  try {
    await migrate(owner, { bot: role });
  } finally {
    await endPool(owner);
  }
}

async function mayWork(pool: Database['pool'], role: string): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ ready: boolean }>(MAY_WORK, [role]);
    return rows[0]?.ready === true;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

/** Our tables and those of DBOS, at this version. */
export const bringTables: BringTables = {
  schemas: ['slipway', JOURNAL_SCHEMA],
  async bring(owner, worker, bot) {
    await migrate(owner, bot === null ? {} : { bot });
    await makeJournal(worker);
  },
};

/** DBOS brings its own tables to its present version. Loaded here only: few starts need it. */
async function makeJournal(pool: pg.Pool): Promise<void> {
  const { ensureSystemDatabase } = await import('@dbos-inc/dbos-sdk/internal/system_database');
  const ignore = () => undefined;
  const logger = { info: ignore, debug: ignore, warn: ignore, error: ignore };
  type DbosLogger = Parameters<typeof ensureSystemDatabase>[1];
  await ensureSystemDatabase('', logger as unknown as DbosLogger, pool, JOURNAL_SCHEMA);
}
