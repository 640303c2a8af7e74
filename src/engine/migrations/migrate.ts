import type pg from 'pg';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { patiently } from '../database/client.ts';
import { codeOf } from '../database/connection.ts';
import { grantTo } from './grants.ts';
import { MIGRATIONS, type Migration } from './steps.ts';

/** Any number that nothing else locks with. */
const LOCK = 7_405_001;
const LAST = MIGRATIONS.at(-1)?.number ?? 0;

/**
 * Brings our schema to this version, in one transaction, one process at a time. Refusals: `database-newer`
 * when a newer version was here, `database-older` when it is older than the first build, `database-permission` when the user
 * may not make tables.
 */
export function migrate(pool: pg.Pool, settings: MigrationSettings = {}): Promise<Migrated> {
  return patiently(() => migrateOn(pool, settings));
}

interface MigrationSettings {
  readonly migrations?: readonly Migration[];
  /** The role that works with the tables, when it is not the one that makes them. */
  readonly bot?: string;
}

interface Migrated {
  readonly applied: readonly number[];
}

async function migrateOn(
  pool: pg.Pool,
  { migrations = MIGRATIONS, bot }: MigrationSettings,
): Promise<Migrated> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const done = await lastDone(client);
    const [first = 0, known = 0] = [migrations.at(0)?.number, migrations.at(-1)?.number];
    if (done > known) throw new Refusal('database-newer', { found: done, known });
    if (done > 0 && done < first) throw new Refusal('database-older', { found: done, first });
    const missing = migrations.filter((migration) => migration.number > done);
    for (const migration of missing) {
      await client.query(migration.sql);
      await client.query('insert into slipway.migrations (number, name) values ($1, $2)', [
        migration.number,
        migration.name,
      ]);
    }
    if (bot !== undefined) await grantTo(client, bot);
    await client.query('commit');
    return { applied: missing.map((migration) => migration.number) };
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    if (codeOf(error) === '42501') {
      throw new Refusal('database-permission', { reason: (error as Error).message });
    }
    throw error;
  } finally {
    client.release();
  }
}

async function lastDone(client: pg.PoolClient): Promise<number> {
  const { rows: found } = await client.query<{ there: boolean }>(
    "select to_regclass('slipway.migrations') is not null as there",
  );
  if (!found[0]?.there) {
    await client.query('create schema if not exists slipway');
    await client.query(
      `create table slipway.migrations (
         number integer primary key, name text not null, at timestamptz not null default now())`,
    );
  }
  const { rows } = await client.query<{ last: number }>(
    'select coalesce(max(number), 0)::int as last from slipway.migrations',
  );
  return rows[0]?.last ?? 0;
}

/** The last step that the tables have had; null where this role cannot see any. */
async function stepOf(pool: pg.Pool): Promise<number | null> {
  try {
    const { rows } = await pool.query<{ last: number | null }>(
      'select max(number)::int as last from slipway.migrations',
    );
    return rows[0]?.last ?? null;
  } catch (error) {
    if (isNotThere(error)) return null;
    throw error;
  }
}

/** Whether the tables are those of this version, as far as this role can see. */
export async function isCurrent(pool: pg.Pool): Promise<boolean> {
  return (await stepOf(pool)) === LAST;
}

/** Refusals `tables-older` and `database-newer` where the tables are not those of this version. */
export async function mustBeCurrent(pool: pg.Pool): Promise<void> {
  const found = await stepOf(pool);
  if (found !== null && found > LAST) throw new Refusal('database-newer', { found, known: LAST });
  if (found !== LAST) throw new Refusal('tables-older', { found: found ?? 'none', known: LAST });
}

/** Whether a table or schema does not exist yet, or this role may not look at it. */
export function isNotThere(error: unknown): boolean {
  return ['42P01', '3F000', '42501'].includes(codeOf(error) ?? '');
}
