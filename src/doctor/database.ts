import { Refusal } from '../domain/refusals/refusal.ts';
import type { LastSigned } from '../engine/audit/last-signed.ts';
import type { Database } from '../engine/database/open.ts';
import { mustHaveSessions } from '../engine/database/place-lock.ts';
import { createLedger } from '../engine/tables/ledger.ts';
import { findingOf, fine, type Probe, type ProbeFinding, warning } from './finding.ts';

/** `openDatabase` refuses servers that are too old. */
type OpenedDatabase = Pick<Database, 'kind' | 'pool' | 'ownerUrl' | 'close'>;

const MOST_SKEW_MS = 5_000;

/** `lastSigned`: what this machine knows of the audit. */
export function databaseProbe(
  open: () => Promise<OpenedDatabase>,
  now: () => number,
  lastSigned?: LastSigned,
): Probe {
  return {
    area: 'database',
    look: async () => {
      const database = await open();
      try {
        const pooled = database.kind === 'server' ? await poolerFindings(database) : [];
        const before = now();
        const { rows } = await database.pool.query<{ version: string; at: string; can_create: boolean }>(
          `select current_setting('server_version') as version,
                  (extract(epoch from clock_timestamp()) * 1000)::text as at,
                  has_database_privilege(current_database(), 'create') as can_create`,
        );
        const after = now();
        const [row] = rows;
        const role = [...(await roleFindings(database)), ...(await auditFindings(database, lastSigned))];
        const where = database.kind === 'embedded' ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
        const skew = Math.abs(Number(row?.at) - (before + after) / 2) - (after - before) / 2;
        return [
          fine(`${where}, version ${row?.version ?? 'unknown'}`),
          ...pooled,
          ...role,
          ...(row?.can_create === false && database.ownerUrl === null
            ? [
                warning(
                  'the database user may not create schemas',
                  'Fine if the schemas exist; else grant CREATE on the database once.',
                ),
              ]
            : []),
          ...(skew > MOST_SKEW_MS
            ? [
                warning(
                  `its clock differs from this machine's by ${Math.round(skew / 1_000)} s`,
                  'Let both follow NTP: approvals and locks expire by these clocks.',
                ),
              ]
            : []),
        ];
      } finally {
        await database.close();
      }
    },
  };
}

/** Whether connections keep their sessions. */
async function poolerFindings({ pool }: OpenedDatabase): Promise<readonly ProbeFinding[]> {
  const one = await pool.connect();
  const other = await pool.connect().catch((error: unknown) => {
    one.release();
    throw error;
  });
  try {
    await mustHaveSessions([one, other]);
    return [];
  } catch (error) {
    if (error instanceof Refusal) return [findingOf(error)];
    throw error;
  } finally {
    one.release();
    other.release();
  }
}

/** Whether the audit log still holds what was signed here last. */
async function auditFindings(
  { pool }: OpenedDatabase,
  lastSigned: LastSigned | undefined,
): Promise<readonly ProbeFinding[]> {
  const known = lastSigned?.read() ?? null;
  if (known === null) return [];
  const { rows } = await pool.query<{ there: boolean }>(
    "select has_table_privilege('slipway.events', 'select') as there where to_regclass('slipway.events') is not null",
  );
  const ledger = createLedger({ pool, now: Date.now });
  if (rows[0]?.there !== true) return [];
  if ((await ledger.auditHash(known.seq)) === known.hash) {
    return [fine(`the audit log holds entry ${known.seq}, the last one that was signed here`)];
  }
  const end = (await ledger.auditHead())?.seq ?? 0;
  return [findingOf(new Refusal('audit-cut-off', { signed: known.seq, rows: end }))];
}

/** Whether the role that the bot works as could take the protection off the audit log. */
async function roleFindings({ pool }: OpenedDatabase): Promise<readonly ProbeFinding[]> {
  const { rows } = await pool.query<{ role: string; is_super: boolean; owns: boolean | null }>(
    `select session_user::text as role,
            (select rolsuper from pg_roles where rolname = session_user) as is_super,
            (select pg_has_role(session_user, c.relowner, 'member') from pg_class c
             join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = 'slipway' and c.relname = 'events') as owns`,
  );
  const [found] = rows;
  if (found === undefined || (!found.is_super && found.owns !== true)) return [];
  const what = found.is_super ? 'is a superuser' : 'owns the audit log';
  return [
    warning(
      `the database user ${found.role} ${what}, so whoever has its password can rewrite what is stored`,
      `Let the bot work as a role of its own: CREATE ROLE slipway_bot LOGIN PASSWORD '…'; GRANT slipway_bot TO ${found.role}; put it into DATABASE_URL, and the present address into DATABASE_MIGRATION_URL.`,
    ),
  ];
}
