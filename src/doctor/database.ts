import type pg from 'pg';
import { fine, type Probe, warning } from './finding.ts';

/** What `openDatabase` answers with; it refuses servers that are too old. */
interface OpenedDatabase {
  readonly kind: 'embedded' | 'server';
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

const MOST_SKEW_MS = 5_000;

export function databaseProbe(open: () => Promise<OpenedDatabase>, now: () => number): Probe {
  return {
    area: 'database',
    look: async () => {
      const database = await open();
      try {
        const before = now();
        const { rows } = await database.pool.query<{ version: string; at: string; can_create: boolean }>(
          `select current_setting('server_version') as version,
                  (extract(epoch from clock_timestamp()) * 1000)::text as at,
                  has_database_privilege(current_database(), 'create') as can_create`,
        );
        const after = now();
        const [row] = rows;
        const where = database.kind === 'embedded' ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL';
        const skew = Math.abs(Number(row?.at) - (before + after) / 2) - (after - before) / 2;
        return [
          fine(`${where}, version ${row?.version ?? 'unknown'}`),
          ...(row?.can_create === false
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
