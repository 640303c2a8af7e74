import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type { Connection as MysqlConnection } from 'mysql2/promise';
import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Attempt, Check } from '../port.ts';
import { connectionOf, connectionSettings, type ServerLogin } from '../shared/connection.ts';
import { checkSettings, identityOf } from '../shared/settings.ts';
import { connected, limitBytes } from '../shared/socket.ts';
import { failed, type Look, withinTime } from '../shared/within-time.ts';
import { mysqlTrouble } from './mysql-words.ts';
import { type Ask, databaseSettings, lookAtServer, MOST_BYTES } from './settings.ts';

const EXAMPLE = 'mysql://user:password@db.example:3306/shop';
const MODULE = 'mysql2';

/** A reader of Aurora has only the second of them on; a server that does not know one does not list it. */
const READ_ONLY =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'innodb_read_only')";

const MysqlCheckSettings = z
  .strictObject({
    use: z.literal('mysql'),
    ...checkSettings('`mysql`'),
    ...connectionSettings(EXAMPLE),
    ...databaseSettings,
  })
  .meta({ description: 'Logs in to MySQL or MariaDB, looks whether it takes writes, and may ask a query.' });
type MysqlCheckSettings = z.infer<typeof MysqlCheckSettings>;

export const mysqlCheck = defineKind({ settings: MysqlCheckSettings, open: openMysqlCheck });

function openMysqlCheck(settings: MysqlCheckSettings, context: AdapterContext): Check {
  const connection = mysqlConnection(settings, context, 'mysql');
  return {
    ...identityOf('mysql', settings, 'mysql'),
    attempt: (_expected, signal) =>
      askMysql(connection, settings.timeout, signal, async (ask, started) => {
        const isReadOnly = (await ask(READ_ONLY)).some(([, value]) => !/^(?:off|0)$/i.test(String(value)));
        return lookAtServer('MySQL', settings, { ask, started, isReadOnly });
      }),
  };
}

/** Where a MySQL is. Refusals: `secret-missing`, `check-address`, `check-file`, `check-tls-name`, `module-missing`. */
export function mysqlConnection(
  settings: Parameters<typeof connectionOf>[0],
  context: AdapterContext,
  kind: string,
): ServerLogin {
  mustBeInstalled(kind);
  const connection = connectionOf(
    settings,
    {
      schemes: ['mysql', 'mariadb', 'mysql2'],
      port: 3306,
      example: EXAMPLE,
      needsUser: true,
      asksForTls: (url) => {
        const asked = tlsAskedFor(url);
        if (asked === 'unknown') context.log.warn({ variable: settings.url.env }, ANY_CERTIFICATE);
        return asked === 'unknown' ? { verify: false } : asked;
      },
    },
    context,
  );
  const { tls } = connection;
  // The client does not compare a certificate with the number of a host.
  if (settings.tls !== undefined && tls?.verify && isIP(tls.name) !== 0)
    throw new Refusal('check-tls-name', { name: settings.url.env });
  return connection;
}

const ANY_CERTIFICATE =
  'What the address of MySQL says of certificates is not known here: it is asked over TLS, with any certificate. Set `tls` on the check, such as `tls: { ca: … }`.';

/** As the known clients read an address; `unknown`: TLS by a profile, or with an authority of its own. */
function tlsAskedFor({ searchParams }: URL): boolean | { readonly verify: false } | 'unknown' {
  const [mode, ssl] = ['ssl-mode', 'ssl'].map((name) => (searchParams.get(name) ?? '').toLowerCase());
  if (mode?.startsWith('disabled')) return false;
  if (/^verify[-_]/.test(mode ?? '')) return true;
  if (ssl === undefined || /^(|false|0|no|off|disabled?)$/.test(ssl)) return mode === 'required';
  if (/^(true|1)$/.test(ssl)) return true;
  if (/^(no-verify|skip-verify)$/.test(ssl) || /"rejectunauthorized"\s*:\s*(false|0)/.test(ssl))
    return { verify: false };
  const isKnown = mode === 'required' || (ssl.startsWith('{') && !ssl.includes('"ca"'));
  return isKnown ? true : 'unknown';
}

/** The client is an optional package: who has no MySQL may leave it out. */
function mustBeInstalled(kind: string): void {
  try {
    createRequire(import.meta.url).resolve(MODULE);
  } catch {
    throw new Refusal('module-missing', { module: MODULE, kind });
  }
}

/** As askPostgres: one connection, one read-only transaction that is rolled back, and a limit for each statement. */
export async function askMysql(
  connection: ServerLogin,
  timeoutMs: number,
  signal: AbortSignal,
  work: (ask: Ask, started: number) => Promise<Attempt>,
): Promise<Attempt> {
  const client = await import('mysql2/promise').catch(() => null);
  if (client === null) {
    const detail = `the package ${MODULE} cannot be loaded, so MySQL was not asked: npm install ${MODULE}`;
    return { ok: false, unasked: true, detail };
  }
  return withinTime(timeoutMs, signal, async (look) => {
    const started = performance.now();
    try {
      const session = await openSession(client.createConnection, connection, look);
      look.waitsFor = 'for the answer to a query';
      const ask: Ask = async (sql) => {
        const [rows] = await session.query({ sql, rowsAsArray: true });
        return Array.isArray(rows) ? (rows as unknown[][]) : [];
      };
      await limitStatements(ask, timeoutMs);
      await ask('START TRANSACTION READ ONLY');
      return await work(ask, started);
    } catch (error) {
      return failed(error, mysqlTrouble(error, connection));
    }
  });
}

/** MySQL counts milliseconds, MariaDB seconds, each by a name of its own. */
async function limitStatements(ask: Ask, timeoutMs: number): Promise<void> {
  const [version] = await ask('SELECT VERSION()');
  const isMariaDb = /mariadb/i.test(String(version?.[0]));
  await ask(
    isMariaDb
      ? `SET SESSION max_statement_time = ${Math.max(1, Math.round(timeoutMs)) / 1_000}`
      : `SET SESSION max_execution_time = ${Math.max(1, Math.round(timeoutMs))}`,
  );
}

async function openSession(
  createConnection: typeof import('mysql2/promise').createConnection,
  { host, port, user, password, database, tls }: ServerLogin,
  look: Look,
): Promise<MysqlConnection> {
  const socket = await connected({ host, port }, look);
  limitBytes(socket, MOST_BYTES, look);
  look.waitsFor = 'for MySQL to let it in';
  const client = await createConnection({
    stream: socket,
    // The socket knows the host; this is the name that a certificate is for.
    host: tls?.name ?? host,
    user,
    password,
    ...(database === '' ? {} : { database }),
    ...(tls === null
      ? {}
      : {
          ssl: {
            rejectUnauthorized: tls.verify,
            verifyIdentity: tls.verify && isIP(tls.name) === 0,
            ...(tls.ca === undefined ? {} : { ca: tls.ca }),
          },
        }),
    connectTimeout: 0,
    multipleStatements: false,
    enableCleartextPlugin: false,
    supportBigNumbers: true,
    bigNumberStrings: true,
  });
  // What happens to a connection between two statements is told to whoever asks the next one.
  client.on('error', () => undefined);
  return client;
}
