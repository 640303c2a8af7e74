import type { Ask } from '../databases/settings.ts';
import { type Backlog, NoQueue } from './backlog.ts';

/** What differs between the databases. */
export interface Dialect {
  /** Now, as Rails and Ecto store it: UTC without a zone. */
  readonly utcNow: string;
  /** Seconds since a moment of that kind. */
  readonly sinceUtc: (moment: string) => string;
  readonly quoted: (name: string) => string;
  /** A row with something in it where there is such a table, and it may be read. */
  readonly tableAt: (table: string) => string;
}

export const POSTGRES: Dialect = {
  utcNow: "(now() AT TIME ZONE 'UTC')",
  sinceUtc: (moment) => `EXTRACT(EPOCH FROM ((now() AT TIME ZONE 'UTC') - ${moment}))`,
  quoted: (name) => `"${name}"`,
  tableAt: (table) =>
    `SELECT to_regclass('${table}') WHERE has_table_privilege(to_regclass('${table}'), 'SELECT')`,
};

export const MYSQL: Dialect = {
  utcNow: 'UTC_TIMESTAMP(6)',
  sinceUtc: (moment) => `TIMESTAMPDIFF(MICROSECOND, ${moment}, UTC_TIMESTAMP(6)) / 1000000`,
  quoted: (name) => `\`${name}\``,
  tableAt: (table) =>
    `SELECT MAX(table_name) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = '${table.replaceAll('`', '')}'`,
};

/** How a system keeps its jobs in a database; each by the source of the system. */
export interface SqlSystem {
  /** Where its tables are, in PostgreSQL; null is wherever the connection looks. */
  readonly schema: string | null;
  /** It is made for MySQL, too. */
  readonly mysql: boolean;
  readonly tells: { readonly age: true; readonly heartbeat: boolean; readonly queues: boolean };
  /** The column that holds the name of a queue. */
  readonly queue: string;
  /** Where names of queues are, also of empty ones: tables and columns; some only in newer versions. */
  readonly names?: readonly (readonly [table: string, column: string])[];
  /** Jobs that could run now, and since when the oldest could. */
  readonly waiting: (dialect: Dialect) => {
    readonly from: string;
    readonly where: string;
    readonly age: string;
  };
  /** Seconds since the last sign of a worker. */
  readonly beat?: (dialect: Dialect) => {
    readonly from: string;
    readonly where?: string;
    readonly age: string;
  };
}

const sinceZoned = (moment: string) => `EXTRACT(EPOCH FROM (now() - ${moment}))`;

export const SQL_SYSTEMS = {
  'pg-boss': {
    schema: 'pgboss',
    mysql: false,
    tells: { age: true, heartbeat: false, queues: true },
    queue: 'name',
    names: [
      ['job', 'name'],
      ['queue', 'name'],
      ['archive', 'name'],
    ],
    waiting: () => ({
      from: 'job',
      where: "state IN ('created', 'retry') AND start_after <= now()",
      age: sinceZoned('MIN(start_after)'),
    }),
  },
  'graphile-worker': {
    schema: 'graphile_worker',
    mysql: false,
    tells: { age: true, heartbeat: false, queues: true },
    queue: 'task_identifier',
    names: [
      ['jobs', 'task_identifier'],
      ['_private_tasks', 'identifier'],
    ],
    waiting: () => ({
      from: 'jobs',
      where: 'locked_at IS NULL AND attempts < max_attempts AND run_at <= now()',
      age: sinceZoned('MIN(run_at)'),
    }),
  },
  good_job: {
    schema: null,
    mysql: false,
    tells: { age: true, heartbeat: true, queues: true },
    queue: 'queue_name',
    names: [['good_jobs', 'queue_name']],
    waiting: ({ utcNow, sinceUtc }) => ({
      from: 'good_jobs',
      where: `finished_at IS NULL AND performed_at IS NULL AND COALESCE(scheduled_at, created_at) <= ${utcNow}`,
      age: sinceUtc('MIN(COALESCE(scheduled_at, created_at))'),
    }),
    beat: ({ sinceUtc }) => ({ from: 'good_job_processes', age: sinceUtc('MAX(updated_at)') }),
  },
  solid_queue: {
    schema: null,
    mysql: true,
    tells: { age: true, heartbeat: true, queues: true },
    queue: 'queue_name',
    names: [
      ['solid_queue_ready_executions', 'queue_name'],
      ['solid_queue_jobs', 'queue_name'],
    ],
    waiting: ({ sinceUtc }) => ({
      from: 'solid_queue_ready_executions',
      where: '1 = 1',
      age: sinceUtc('MIN(created_at)'),
    }),
    beat: ({ sinceUtc }) => ({
      from: 'solid_queue_processes',
      where: "kind = 'Worker'",
      age: sinceUtc('MAX(last_heartbeat_at)'),
    }),
  },
  delayed_job: {
    schema: null,
    mysql: true,
    tells: { age: true, heartbeat: false, queues: false },
    queue: 'queue',
    waiting: ({ utcNow, sinceUtc }) => ({
      from: 'delayed_jobs',
      where: `failed_at IS NULL AND locked_at IS NULL AND run_at <= ${utcNow}`,
      age: sinceUtc('MIN(run_at)'),
    }),
  },
  oban: {
    schema: null,
    mysql: true,
    tells: { age: true, heartbeat: false, queues: false },
    queue: 'queue',
    waiting: ({ sinceUtc }) => ({
      from: 'oban_jobs',
      where: "state = 'available'",
      age: sinceUtc('MIN(scheduled_at)'),
    }),
  },
} as const satisfies Record<string, SqlSystem>;

/** What waits, and when a worker was last seen. Throws NoQueue. Names of queues and schemas are harmless: the settings see to it. */
export async function sqlBacklog(
  ask: Ask,
  system: SqlSystem,
  dialect: Dialect,
  { schema = system.schema, queues }: { schema?: string | null | undefined; queues: readonly string[] },
): Promise<Backlog> {
  const inSchema = (table: string) =>
    schema === null ? dialect.quoted(table) : `${dialect.quoted(schema)}.${dialect.quoted(table)}`;
  const { from, where, age } = system.waiting(dialect);
  const named =
    queues.length === 0 ? '' : ` AND ${system.queue} IN (${queues.map((one) => `'${one}'`).join(', ')})`;
  const [row] = await ask(`SELECT COUNT(*), ${age} FROM ${inSchema(from)} WHERE ${where}${named}`);
  const unknown = await unknownQueues(ask, system, { dialect, queues, inSchema });
  if (unknown.length > 0) {
    const place = `the tables of ${schema === null ? 'this database' : `the schema ${schema}`}, not even an empty one`;
    throw new NoQueue(unknown, place, '`queues`, `schema` or the database');
  }
  const beat = system.beat?.(dialect);
  const [seen] =
    beat === undefined
      ? []
      : await ask(
          `SELECT ${beat.age} FROM ${inSchema(beat.from)}${beat.where === undefined ? '' : ` WHERE ${beat.where}`}`,
        );
  return {
    waiting: Number(row?.[0] ?? 0),
    oldestMs: milliseconds(row?.[1]),
    ...(beat === undefined ? {} : { seenMs: milliseconds(seen?.[0]) }),
  };
}

/** Of the queues those that no table has ever heard of. */
async function unknownQueues(
  ask: Ask,
  { names = [] }: SqlSystem,
  how: {
    readonly dialect: Dialect;
    readonly queues: readonly string[];
    readonly inSchema: (table: string) => string;
  },
): Promise<readonly string[]> {
  let left = how.queues;
  for (const [table, column] of names) {
    if (left.length === 0) break;
    const place = how.inSchema(table);
    const [found] = await ask(how.dialect.tableAt(place));
    if (found?.[0] === null || found?.[0] === undefined) continue;
    const unknown: string[] = [];
    for (const queue of left) {
      const rows = await ask(`SELECT 1 FROM ${place} WHERE ${column} = '${queue}' LIMIT 1`);
      if (rows.length === 0) unknown.push(queue);
    }
    left = unknown;
  }
  return left;
}

function milliseconds(seconds: unknown): number | null {
  const value = seconds === null || seconds === undefined ? Number.NaN : Number(seconds);
  return Number.isFinite(value) ? Math.max(0, value * 1_000) : null;
}
