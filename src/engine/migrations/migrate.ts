import type pg from 'pg';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { patiently } from '../database/client.ts';
import { codeOf } from '../database/connection.ts';
import { grantTo } from './grants.ts';
import type { Migration } from './migration.ts';
import { foundation } from './steps/0001-foundation.ts';
import { trustedClicks } from './steps/0002-trusted-clicks.ts';
import { overrides } from './steps/0003-overrides.ts';
import { calledFromQueue } from './steps/0004-called-from-queue.ts';
import { offers } from './steps/0005-offers.ts';
import { knownReleases } from './steps/0006-known-releases.ts';
import { signedAudit } from './steps/0007-signed-audit.ts';
import { slackCalls } from './steps/0008-slack-calls.ts';
import { deliveries } from './steps/0009-deliveries.ts';
import { askingNotices } from './steps/0010-asking-notices.ts';
import { earlierDays } from './steps/0011-earlier-days.ts';
import { cardPictures } from './steps/0012-card-pictures.ts';
import { messages } from './steps/0013-messages.ts';
import { prompts } from './steps/0014-prompts.ts';
import { sequences } from './steps/0015-sequences.ts';
import { snoozedPrompts } from './steps/0016-snoozed-prompts.ts';
import { habits } from './steps/0017-habits.ts';
import { webhooks } from './steps/0018-webhooks.ts';
import { webhookAddresses } from './steps/0019-webhook-addresses.ts';
import { deliveriesByTime } from './steps/0020-deliveries-by-time.ts';

/** In order. A migration that was released is never edited: add another one. */
const MIGRATIONS: readonly Migration[] = [
  foundation,
  trustedClicks,
  overrides,
  calledFromQueue,
  offers,
  knownReleases,
  signedAudit,
  slackCalls,
  deliveries,
  askingNotices,
  earlierDays,
  cardPictures,
  messages,
  prompts,
  sequences,
  snoozedPrompts,
  habits,
  webhooks,
  webhookAddresses,
  deliveriesByTime,
];

/** Any number that nothing else locks with. */
const LOCK = 7_405_001;

/**
 * Brings our schema to this version, in one transaction, one process at a time. Refusals: `database-newer`
 * when a newer version was here, `database-permission` when the user may not make tables.
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
    const known = migrations.at(-1)?.number ?? 0;
    if (done > known) throw new Refusal('database-newer', { found: done, known });
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

/** Whether the tables are those of this version, as far as this role can see. */
export async function isCurrent(pool: pg.Pool): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ last: number }>(
      'select max(number)::int as last from slipway.migrations',
    );
    return rows[0]?.last === MIGRATIONS.at(-1)?.number;
  } catch (error) {
    if (isNotThere(error)) return false;
    throw error;
  }
}

/** Whether a table or schema does not exist yet, or this role may not look at it. */
export function isNotThere(error: unknown): boolean {
  return ['42P01', '3F000', '42501'].includes(codeOf(error) ?? '');
}
