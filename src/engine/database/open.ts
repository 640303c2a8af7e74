import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { explain } from '../../domain/refusals/explain.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { parsedAddress, placeOf, serverOf } from './address.ts';
import { DatabaseClient } from './client.ts';
import { codeOf, endPool, isPassing, openPool, poolConfig } from './connection.ts';
import type { EmbeddedServer } from './embedded.ts';
import { startEmbedded } from './embedded.ts';
import { otherUsers } from './other-users.ts';
import { mustBeOnlyBot } from './place-lock.ts';
import type { BringTables } from './upgrade.ts';

const OLDEST = 14;
const REVIVE_EVERY_MS = 2_000;
/** How often the log says again why the embedded database does not start. */
const SAY_AGAIN_MS = 60_000;
/** It is said that the bot waits for the database, and again after so many tries, about a minute. */
const REMIND_EVERY = 30;
/** After this long, in ms, `onWait` is called. */
const SILENT_MS = 1_500;
/** How long connections that have just ended may still be counted, in ms. */
const FAREWELL_MS = 500;
/**
 * Our tables, the journal and Slack share these connections; one is always taken, by DBOS to listen. Nobody holds one
 * while waiting for another. With the embedded server each is a process of 15 MB on this very machine: so there are
 * few, and after a burst all but two end soon.
 */
const POOL = {
  server: { max: 20 },
  embedded: { max: 5, min: 2, idleTimeoutMillis: 3_000 },
} satisfies Record<string, pg.PoolConfig>;

export interface Database {
  readonly kind: 'embedded' | 'server';
  /** Holds the password: never log it. */
  readonly url: string;
  readonly pool: pg.Pool;
  /** The same database as the role that owns our tables; null when the bot works as that role. Holds the password too. */
  readonly ownerUrl: string | null;
  /** Ends our connections; stops the embedded server unless another process still uses it. */
  close(): Promise<void>;
}

interface OpenOptions {
  readonly url?: string | undefined;
  /** The same server, as the role that makes the tables. */
  readonly ownerUrl?: string | undefined;
  readonly dataDir: string;
  readonly log: Logger;
  /** For the bot: copies an embedded database of an older major version of PostgreSQL. */
  readonly tables?: BringTables;
  /** How long to wait for a server that does not answer yet, in ms; half a minute by default. */
  readonly patienceMs?: number;
  /** Told once, with host and port, when the server has not answered for a while: for people at a terminal. */
  readonly onWait?: (server: string) => void;
  /** Gives up, with the signal's reason, and leaves nothing running. */
  readonly stop?: AbortSignal;
}

/**
 * The database at `url`, or the embedded one under `dataDir`. Refusals: `database-url`, `database-unreachable`,
 * `database-too-old`, and those of the embedded server (`embedded-database-…`).
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  const log = options.log.child({ part: 'database' });
  if (options.url) {
    const url = checkedUrl(options.url, 'DATABASE_URL');
    const ownerUrl = options.ownerUrl ? checkedUrl(options.ownerUrl, 'DATABASE_MIGRATION_URL') : null;
    const pool = openPool({ ...poolConfig(url), ...POOL.server }, log);
    return connected({ kind: 'server', url, ownerUrl, pool, close: () => endPool(pool) }, options, log);
  }
  const server = await startEmbedded({ dataDir: options.dataDir, log, tables: options.tables });
  const pool = openPool({ ...poolConfig(server.botUrl), ...POOL.embedded }, log);
  const guard = keepAlive(server, log);
  const close = async () => {
    clearInterval(guard);
    const others = await usersBeside(pool, server.url);
    await endPool(pool);
    if (others === 0) {
      await server.stop();
      return;
    }
    server.leave();
    log.info({ others }, 'The embedded database keeps running: another process uses it.');
  };
  const urls = { url: server.botUrl, ownerUrl: server.url };
  const database = await connected({ kind: 'embedded', ...urls, pool, close }, options, log);
  if (!options.tables) return database;
  try {
    await mustBeOnlyBot(pool);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** The database once it answers; closed when it does not. */
async function connected(database: Database, options: OpenOptions, log: Logger): Promise<Database> {
  const silent = setTimeout(() => options.onWait?.(serverOf(database.url)), SILENT_MS);
  try {
    await connectFirst(database, options, log);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  } finally {
    clearTimeout(silent);
  }
}

function checkedUrl(text: string, name: 'DATABASE_URL' | 'DATABASE_MIGRATION_URL'): string {
  const url = parsedAddress(text);
  if (url === null) throw new Refusal('database-url', { name, problem: 'it is not a URL' });
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') {
    throw new Refusal('database-url', {
      name,
      problem: `it starts with ${url.protocol}// instead of postgresql://`,
    });
  }
  return text;
}

/** Waits for the server and looks at its version. */
async function connectFirst(
  { pool, url }: Database,
  { patienceMs = 30_000, stop }: OpenOptions,
  log: Logger,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt += 1) {
    stop?.throwIfAborted();
    try {
      const { rows } = await pool.query<{ version: string }>(
        "select current_setting('server_version_num') as version",
      );
      const major = Math.floor(Number(rows[0]?.version) / 10_000);
      if (major < OLDEST) throw new Refusal('database-too-old', { version: major, oldest: OLDEST });
      return;
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const reason = error instanceof Error ? error.message || (codeOf(error) ?? 'no answer') : 'no answer';
      if (!isPassing(error) || performance.now() > deadline) {
        throw new Refusal('database-unreachable', { server: placeOf(url), reason: whyNot(error, reason) });
      }
      if (attempt % REMIND_EVERY === 1)
        log.warn({ server: placeOf(url), reason }, 'Waiting for the database.');
      await pause(Math.min(2_000, 100 * 2 ** Math.min(attempt, 5)));
    }
  }
}

function whyNot(error: unknown, reason: string): string {
  if (error instanceof AggregateError) {
    return [...new Set(error.errors.map((one: unknown) => (one instanceof Error ? one.message : '')))].join(
      ', ',
    );
  }
  return reason;
}

/**
 * How many connections of other processes there are. Where the bot's role gets no connection, its owner may, for whom some are
 * kept; where nobody gets one there may be others, unless the server lets nobody in.
 */
async function usersBeside(pool: pg.Pool, ownerUrl: string): Promise<number> {
  try {
    return (await otherUsers(pool, FAREWELL_MS)).length;
  } catch {
    const owner = new DatabaseClient(poolConfig(ownerUrl));
    try {
      await owner.connect();
      return (await otherUsers(owner, FAREWELL_MS)).length;
    } catch (error) {
      return ['ECONNREFUSED', '57P03'].includes(codeOf(error) ?? '') ? 0 : 1;
    } finally {
      await owner.end().catch(() => undefined);
    }
  }
}

function keepAlive(server: EmbeddedServer, log: Logger): NodeJS.Timeout {
  let busy = false;
  let said = { words: '', at: Number.NEGATIVE_INFINITY };
  const say = (error: unknown) => {
    const words = error instanceof Error ? error.message : String(error);
    if (words === said.words && performance.now() - said.at < SAY_AGAIN_MS) return;
    said = { words, at: performance.now() };
    const isKnown = error instanceof Refusal;
    log.error(
      isKnown ? { code: error.code, ...explain(error) } : { err: error },
      'The embedded database does not start again.',
    );
  };
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      await server.revive();
      said = { words: '', at: Number.NEGATIVE_INFINITY };
    } catch (error) {
      say(error);
    } finally {
      busy = false;
    }
  }, REVIVE_EVERY_MS);
  timer.unref();
  return timer;
}
