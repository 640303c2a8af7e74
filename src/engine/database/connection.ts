import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { keptSecret } from '../../domain/text/redaction.ts';
import { passwordsIn } from './address.ts';
import { type ClientConfig, DatabaseClient, Silence } from './client.ts';
import { codeOf, isPassing } from './passing.ts';

export { codeOf, isPassing };

/** Names this process at the server: all its connections have it, and those of no other process. */
export const PROCESS_NAME = `slipway ${process.pid} ${randomBytes(4).toString('hex')}`;

/** How the database is called where people read it. */
export const DATABASE = 'the database';

/** The error as the rest of the program knows it. */
export function translated(error: unknown): unknown {
  if (!isPassing(error)) return error;
  return new Unavailable(DATABASE, codeOf(error) ?? 'the connection was lost', { cause: error });
}

/**
 * Does the work again for as long as it throws that our own database does not answer. Throws what else it throws; that
 * too once the process ends.
 */
export async function whileDatabaseAway<T>(
  work: () => Promise<T>,
  { onAway, isStopping }: { readonly onAway: () => void; readonly isStopping: () => boolean },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== DATABASE || isStopping()) throw error;
      if (attempt === 0) onAway();
      await pause(Math.min(5_000, 250 * 2 ** Math.min(attempt, 5)));
    }
  }
}

/** What names a connection. In a URL these win over what is set beside it, and all processes would share one name. */
const NAMES: ReadonlySet<string> = new Set(['application_name', 'fallback_application_name']);

export function poolConfig(url: string): pg.PoolConfig {
  for (const password of passwordsIn(url)) keptSecret(password);
  return {
    connectionString: withoutNames(url),
    application_name: PROCESS_NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

function withoutNames(url: string): string {
  const [address = '', ...queries] = url.split('?');
  if (queries.length === 0) return url;
  const parts = queries.join('?').split('&');
  const kept = parts.filter((part) => [...new URLSearchParams(part).keys()].every((key) => !NAMES.has(key)));
  return `${address}?${kept.join('&')}`;
}

/** Pools that got connections, and get none any more. */
const lockedOut = new WeakSet<pg.Pool>();

/** Whether the server lets in nobody any more, as after a change of the password. Where it was so, it is asked. */
export async function isLockedOut(pool: pg.Pool): Promise<boolean> {
  if (!lockedOut.has(pool)) return false;
  const client = new DatabaseClient(pool.options);
  try {
    await client.connect();
    lockedOut.delete(pool);
  } catch {
    // It stays so.
  } finally {
    await client.end().catch(() => undefined);
  }
  return lockedOut.has(pool);
}

/** A pool whose lost connections are logged and replaced, and never end the process. */
export function openPool(config: ClientConfig, log: Logger): pg.Pool {
  const onLockedOut = (error: Error) => {
    if (!lockedOut.has(pool))
      log.error({ code: codeOf(error), reason: error.message }, 'The database lets in no new connection.');
    lockedOut.add(pool);
  };
  const pids = new WeakMap<pg.ClientBase, number>();
  // A pooler makes up the number that the server gives at the start of a connection.
  const onConnect = async (client: pg.ClientBase) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    if (rows[0]) pids.set(client, rows[0].pid);
  };
  const settings = { Client: DatabaseClient, ...config, onLockedOut, onConnect };
  const pool: pg.Pool = new pg.Pool(settings);
  const abandoned = new Set<number>();
  const others = suspects(pool);
  const note = (error: Error) => log.debug({ code: codeOf(error), reason: error.message }, 'connection lost');
  pool.on('error', note);
  // A connection in use has no listener of the pool's own.
  pool.on('connect', (client) => {
    lockedOut.delete(pool);
    client.on('error', (error) => {
      note(error);
      if (!(error instanceof Silence)) return;
      others(error);
      const pid = pids.get(client);
      if (pid === undefined) return;
      abandoned.add(pid);
      if (abandoned.size === 1) void endAbandoned(pool, abandoned);
    });
  });
  return pool;
}

/**
 * What cut one connection off has cut off others, and each would be waited for anew: those that nobody uses are given up, and
 * those that only listen have to answer.
 */
function suspects(pool: pg.Pool): (silence: Silence) => void {
  const idle = new Set<pg.PoolClient>();
  const inUse = new Set<pg.PoolClient>();
  const move = (client: pg.PoolClient, from: Set<pg.PoolClient>, to?: Set<pg.PoolClient>) => {
    from.delete(client);
    to?.add(client);
  };
  pool.on('acquire', (client) => move(client, idle, inUse));
  pool.on('release', (_error, client) => move(client, inUse, idle));
  pool.on('remove', (client) => {
    move(client, idle);
    move(client, inUse);
  });
  return (silence) => {
    const unused = [...idle];
    idle.clear();
    for (const client of unused) if (client instanceof DatabaseClient) client.giveUp(silence);
    for (const client of inUse) if (client instanceof DatabaseClient) client.probe();
  };
}

/** The server may take connections that were given up for alive, for hours: their locks are freed as soon as it answers. */
async function endAbandoned(pool: pg.Pool, abandoned: Set<number>): Promise<void> {
  while (abandoned.size > 0 && !pool.ending) {
    const pids = [...abandoned];
    try {
      await pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid = any($1) and application_name = $2',
        [pids, PROCESS_NAME],
      );
      for (const pid of pids) abandoned.delete(pid);
    } catch {
      await pause(1_000, undefined, { ref: false });
    }
  }
}

/** Ends a pool. A query that is never answered, because the server is away, does not hold it up for long. */
export async function endPool(pool: pg.Pool): Promise<void> {
  await Promise.race([pool.end(), pause(2_000, undefined, { ref: false })]);
}
