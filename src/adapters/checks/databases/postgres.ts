import pg from 'pg';
import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Attempt, Check } from '../port.ts';
import { connectionOf, connectionSettings, type ServerLogin } from '../shared/connection.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { limitBytes, newSocket, tlsOptions } from '../shared/socket.ts';
import { failed, type Look, withinTime } from '../shared/within-time.ts';
import { postgresTrouble } from './postgres-words.ts';
import { type Ask, databaseSettings, lookAtServer, MOST_BYTES } from './settings.ts';

const EXAMPLE = 'postgres://user:password@db.example:5432/shop';

/**
 * Whether nobody can write, whatever is set for the user of the check alone: that is not what others meet. Then whether that
 * hides what is set for the server, which is known only where the database, or all users, have a setting of their own.
 */
const READ_ONLY = `WITH mine AS (
  SELECT setting = 'on' AS is_on, coalesce(source, '') IN ('user', 'database user', 'client', 'session') AS is_own
    FROM pg_settings WHERE name = 'default_transaction_read_only'
), for_all AS (
  SELECT one ~* '=(on|1|t|tr|tru|true|y|ye|yes)$' AS is_on FROM pg_db_role_setting, unnest(setconfig) AS one
    WHERE setrole = 0 AND one LIKE 'default!_transaction!_read!_only=%' ESCAPE '!'
      AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
    ORDER BY setdatabase = 0 LIMIT 1
) SELECT pg_is_in_recovery() OR EXISTS (SELECT 1 FROM mine WHERE is_on AND NOT is_own)
    OR EXISTS (SELECT 1 FROM for_all WHERE is_on),
  EXISTS (SELECT 1 FROM mine WHERE is_own) AND NOT EXISTS (SELECT 1 FROM for_all)`;
const HIDDEN =
  'default_transaction_read_only is set for the user of the check and hides that of the server: remove it, checks only read anyway';

const PostgresCheckSettings = z
  .strictObject({
    use: z.literal('postgres'),
    ...checkSettings('`postgres`'),
    ...connectionSettings(EXAMPLE),
    ...databaseSettings,
  })
  .meta({ description: 'Logs in to PostgreSQL, looks whether it takes writes, and may ask a query.' });
type PostgresCheckSettings = z.infer<typeof PostgresCheckSettings>;

export const postgresCheck = defineKind({ settings: PostgresCheckSettings, open: openPostgresCheck });

function openPostgresCheck(settings: PostgresCheckSettings, context: AdapterContext): Check {
  const connection = postgresConnection(settings, context);
  return {
    ...identityOf('postgres', settings, 'postgres'),
    attempt: (_expected, signal) =>
      askPostgres(connection, settings.timeout, signal, async (ask, started) => {
        const [role] = await ask(READ_ONLY);
        const [isReadOnly, isHidden] = [role?.[0] === true, role?.[1] === true];
        const seen = await lookAtServer('PostgreSQL', settings, { ask, started, isReadOnly });
        const isUnseen = seen.ok && isHidden && settings.role === 'primary';
        return isUnseen ? { ...seen, detail: `${seen.detail}; ${HIDDEN}` } : seen;
      }),
  };
}

/** Where a PostgreSQL is. Refusals: `secret-missing`, `check-address`, `check-file`. */
export function postgresConnection(
  settings: Parameters<typeof connectionOf>[0],
  context: AdapterContext,
): ServerLogin {
  return connectionOf(
    settings,
    {
      schemes: ['postgres', 'postgresql'],
      port: 5432,
      example: EXAMPLE,
      needsUser: true,
      asksForTls: ({ searchParams }) => {
        const [mode, ssl] = [searchParams.get('sslmode') ?? '', searchParams.get('ssl') ?? ''];
        if (mode === 'disable') return false;
        if (mode.startsWith('verify-')) return true;
        if ([mode, ssl].includes('no-verify')) return { verify: false };
        return mode === 'require' || /^(true|1)$/.test(ssl);
      },
    },
    context,
  );
}

/**
 * One connection, closed at the end whatever happens, with one read-only transaction that is rolled back. The server
 * stops a statement that takes longer than the attempt.
 */
export function askPostgres(
  connection: ServerLogin,
  timeoutMs: number,
  signal: AbortSignal,
  work: (ask: Ask, started: number) => Promise<Attempt>,
): Promise<Attempt> {
  return withinTime(timeoutMs, signal, async (look) => {
    const started = performance.now();
    const client = clientOf(connection, look);
    try {
      look.waitsFor = 'for a connection';
      await client.connect();
      look.waitsFor = 'for the answer to a query';
      await client.query('BEGIN READ ONLY');
      await client.query(`SET LOCAL statement_timeout = ${Math.max(1, Math.round(timeoutMs))}`);
      return await work(asker(client), started);
    } catch (error) {
      return failed(error, postgresTrouble(error, connection));
    }
  });
}

/** Statements go one at a time, so that none can end the transaction and go on. */
function asker(client: pg.Client): Ask {
  return async (text) => {
    const query = { text, rowMode: 'array' as const, queryMode: 'extended' };
    const { rows } = await client.query<unknown[]>(query);
    return rows;
  };
}

function clientOf({ host, port, user, password, database, tls }: ServerLogin, look: Look): pg.Client {
  const socket = newSocket({ host, port }, look);
  limitBytes(socket, MOST_BYTES, look);
  socket.once('connect', () => {
    look.waitsFor = 'for PostgreSQL to let it in';
  });
  const client = new pg.Client({
    stream: () => socket,
    // The socket knows the host; this is the name that a certificate is for.
    host: tls?.name ?? host,
    port,
    user,
    // As a function, or an empty one would be taken from the environment of this process.
    password: () => password,
    database: database === '' ? user : database,
    ssl: tls === null ? false : tlsOptions(tls),
    application_name: 'slipway-check',
    connectionTimeoutMillis: 0,
  });
  // What happens to a connection between two statements is told to whoever asks the next one.
  client.on('error', () => undefined);
  return client;
}
