import type pg from 'pg';
import type { BringTables } from '../database/upgrade.ts';
import { JOURNAL_SCHEMA } from './grants.ts';
import { migrate } from './migrate.ts';

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
