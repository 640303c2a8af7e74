import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { isPassing, poolConfig } from '../database/connection.ts';

const BEATS_PER_STALE = 4;
/** PostgreSQL frees the lock of a process that was killed within this time. */
const PREDECESSOR_MS = 1_000;

export interface Replica {
  /** `local#1` with the embedded database, `hostname#n` with a server: the lowest number that is free. */
  readonly executorId: string;
  /** From now on takes over the runs of replicas that died. */
  watch(): void;
  leave(): Promise<void>;
}

/**
 * This process' place among the replicas: a session lock on its executor id, which nobody else can hold, and
 * a row that it touches every quarter of `staleMs`. A replica is dead when its row is older than `staleMs` and
 * its lock is free; the lock is held while its runs are taken over, so one replica takes them.
 * Needs real sessions: not through a pooler in transaction mode.
 */
export async function joinReplicas(options: {
  readonly database: { readonly kind: 'embedded' | 'server'; readonly url: string };
  readonly log: Logger;
  readonly staleMs: number;
  /** Resumes what the dead executor was doing; how many runs that were. */
  readonly takeOver: (executorId: string) => Promise<number>;
}): Promise<Replica> {
  const { database, log, staleMs } = options;
  let session = await connect(database.url);
  const base = database.kind === 'embedded' ? 'local' : hostname();
  const executorId = await takePlace(session, base);
  await beat(session, executorId);
  log.debug({ executorId }, 'took a place among the replicas');

  const beatMs = staleMs / BEATS_PER_STALE;
  let steadySince = performance.now();
  let watching = false;
  const stopped = new AbortController();

  const tick = async () => {
    try {
      await beat(session, executorId);
      // After an outage every row is old: the other replicas get the time to touch theirs.
      if (!watching || performance.now() - steadySince < 2 * beatMs) return;
      for (const dead of await staleReplicas(session, executorId, staleMs)) {
        const runs = await takeOverFrom(session, dead, staleMs, options.takeOver);
        if (runs !== null) log.info({ dead, runs }, 'A replica is gone; its runs go on here.');
      }
    } catch (error) {
      if (stopped.signal.aborted) return;
      log.debug({ reason: (error as Error).message }, 'lost the connection that holds the place');
      session.end().catch(() => undefined);
      session = await reconnect(database.url, executorId, stopped.signal, log);
      steadySince = performance.now();
    }
  };

  const loop = (async () => {
    while (!stopped.signal.aborted) {
      await tick();
      await pause(beatMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
  })();

  return {
    executorId,
    watch: () => {
      watching = true;
    },
    leave: async () => {
      stopped.abort();
      await loop;
      await session
        .query("update slipway.replicas set beat_at = '-infinity' where executor_id = $1", [executorId])
        .catch(() => undefined);
      await session.end().catch(() => undefined);
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(poolConfig(url, `slipway ${process.pid}`));
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function takePlace(session: pg.Client, base: string): Promise<string> {
  const deadline = performance.now() + PREDECESSOR_MS;
  for (;;) {
    if (await tryLock(session, `${base}#1`)) return `${base}#1`;
    // Our own predecessor may have died a moment ago; its number is the one with our runs.
    if (performance.now() > deadline) break;
    await pause(50);
  }
  for (let number = 2; ; number += 1) {
    if (await tryLock(session, `${base}#${number}`)) return `${base}#${number}`;
  }
}

async function reconnect(
  url: string,
  executorId: string,
  signal: AbortSignal,
  log: Logger,
): Promise<pg.Client> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const session = await connect(url);
      while (!signal.aborted && !(await tryLock(session, executorId))) {
        log.debug({ executorId }, 'waiting for our place among the replicas');
        await pause(250);
      }
      return session;
    } catch (error) {
      if (!isPassing(error) && attempt % 60 === 0) {
        log.warn({ reason: (error as Error).message }, 'This replica cannot take its place again.');
      }
      if (signal.aborted) return new pg.Client();
      await pause(Math.min(2_000, 100 * 2 ** Math.min(attempt, 5)));
    }
  }
}

async function beat(session: pg.Client, executorId: string): Promise<void> {
  await session.query(
    `insert into slipway.replicas (executor_id, beat_at, started_at) values ($1, now(), now())
     on conflict (executor_id) do update set beat_at = now()`,
    [executorId],
  );
}

async function staleReplicas(session: pg.Client, me: string, staleMs: number): Promise<readonly string[]> {
  const { rows } = await session.query<{ executor_id: string }>(
    `select executor_id from slipway.replicas
     where executor_id <> $1 and beat_at < now() - $2 * interval '1 millisecond'`,
    [me, staleMs],
  );
  return rows.map((row) => row.executor_id);
}

/**
 * Takes over the runs of a dead replica and removes its row; how many runs that were. Null when it is alive after all,
 * or another replica takes it over.
 */
async function takeOverFrom(
  session: pg.Client,
  dead: string,
  staleMs: number,
  takeOver: (executorId: string) => Promise<number>,
): Promise<number | null> {
  if (!(await tryLock(session, dead))) return null;
  try {
    const { rowCount } = await session.query(
      `select from slipway.replicas
       where executor_id = $1 and beat_at < now() - $2 * interval '1 millisecond'`,
      [dead, staleMs],
    );
    if (rowCount === 0) return null;
    const runs = await takeOver(dead);
    await session.query('delete from slipway.replicas where executor_id = $1', [dead]);
    return runs;
  } finally {
    await session.query('select pg_advisory_unlock($1)', [lockKey(dead)]);
  }
}

async function tryLock(session: pg.Client, executorId: string): Promise<boolean> {
  const { rows } = await session.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
    lockKey(executorId),
  ]);
  return rows[0]?.got === true;
}

function lockKey(executorId: string): string {
  const digest = createHash('sha256').update(`slipway replica ${executorId}`).digest();
  return String(digest.readBigInt64BE(0));
}
