import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from 'pino';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { DatabaseClient, SILENCE_MS } from '../database/client.ts';
import { isPassing, poolConfig } from '../database/connection.ts';
import {
  endOurLast,
  fencedOff,
  holderOf,
  lockKey,
  mustHaveSessions,
  ONLY_PREDECESSOR_MS,
  tryLock,
} from '../database/place-lock.ts';

const BEATS_PER_STALE = 4;
/** After this share of `staleMs` without a beat another replica may soon take over. */
const IN_DOUBT = 0.75;
/** How long a process that leaves tries to say so. */
const FAREWELL_MS = 2_000;
/** A place is not lost to a server that is only slow, ms. */
const LEAST_SILENCE_MS = 2_000;
/** How long is waited at most after a sign of life that the server did not take, ms. */
const LONGEST_PAUSE_MS = 5_000;
/** PostgreSQL frees the lock of a process that was killed within this time. */
const PREDECESSOR_MS = 1_000;

export interface Replica {
  /** `local#1` with the embedded database, `hostname#n` with a server: the lowest number that is free. */
  readonly executorId: string;
  /** How often the place was lost since this process has it: another replica may have taken its runs over. */
  readonly losses: number;
  /** Whether its last sign of life is so fresh that nobody has taken its runs over; never once it has left. */
  isFresh(): boolean;
  /** Does the work while no other replica does such work. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** From now on takes over the runs of replicas that died. */
  watch(): void;
  /** `isIdle`: nothing is at work any more, so others may go on with its runs at once, and not only when it is silent. */
  leave(isIdle: boolean): Promise<void>;
}

/** A machine that sleeps stops the one clock, and whoever sets the other may turn it back. */
interface Moment {
  readonly onOne: number;
  readonly onOther: number;
}
const thisMoment = (): Moment => ({ onOne: performance.now(), onOther: Date.now() });
const since = ({ onOne, onOther }: Moment) => Math.max(performance.now() - onOne, Date.now() - onOther);

interface JoiningOptions {
  readonly database: { readonly kind: 'embedded' | 'server'; readonly url: string };
  readonly log: Logger;
  readonly staleMs: number;
  /** Resumes what the dead executor was doing; how many runs that were. */
  readonly takeOver: (executorId: string) => Promise<number>;
}

/**
 * This process' place among the replicas: a session lock on its executor id, which nobody else can hold, and
 * a row that it touches every quarter of `staleMs`. A replica whose row is older than `staleMs` is dead, frozen or cut
 * off: all its connections are ended, which frees its lock, and the lock is held while its runs are taken over, so one
 * replica takes them. Needs real sessions: refusal `database-pooled` through a pooler in transaction mode.
 */
export async function joinReplicas(options: JoiningOptions): Promise<Replica> {
  const { database, log, staleMs } = options;
  // When the server has been silent for so long, the place is in doubt anyway.
  const silenceMs = Math.max(LEAST_SILENCE_MS, staleMs * IN_DOUBT);
  let session = await connect(database.url, silenceMs, SILENCE_MS);
  const base = database.kind === 'embedded' ? 'local' : hostname();
  if (database.kind === 'server') await mustBeSession(session, database.url);
  const executorId = await placeOf(session, base, database.kind === 'server');
  const beatMs = staleMs / BEATS_PER_STALE;
  const stopped = new AbortController();
  let beaten: Moment | null = thisMoment();
  let losses = 0;
  let failures = 0;
  let steadySince = performance.now();
  let watching = false;
  log.debug({ executorId }, 'took a place among the replicas');
  const isFresh = () => !stopped.signal.aborted && beaten !== null && since(beaten) < staleMs * IN_DOUBT;

  const tick = async () => {
    try {
      const now = thisMoment();
      await beat(session, executorId);
      beaten = now;
      failures = 0;
      // After an outage every row is old: the other replicas get the time to touch theirs.
      if (!watching || performance.now() - steadySince < 2 * beatMs) return;
      await takeOverStale(session, executorId, options);
    } catch (error) {
      if (stopped.signal.aborted) return;
      log.debug({ reason: (error as Error).message }, 'lost the connection that holds the place');
      losses += 1;
      failures += 1;
      beaten = null;
      session.end().catch(() => undefined);
      session = (await reconnect(options, silenceMs, executorId, stopped.signal)) ?? session;
      steadySince = performance.now();
    }
  };

  const farewell = async (isIdle: boolean) => {
    await loop;
    // Whoever has the place now, where it was lost, lives on.
    await sayFarewell(session, executorId, isIdle && beaten !== null);
  };
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      await tick();
      const soon = failures === 0 ? 50 : Math.min(LONGEST_PAUSE_MS, 50 * 2 ** failures);
      await pause(isFresh() ? beatMs : soon, undefined, { signal: stopped.signal, ref: false }).catch(
        () => undefined,
      );
    }
  })();

  return {
    executorId,
    get losses() {
      return losses;
    },
    isFresh,
    alone: (work) => alone(() => session, work),
    watch: () => {
      watching = true;
    },
    leave: async (isIdle) => {
      stopped.abort();
      // While the database is away nobody can be told; the row grows old by itself.
      await Promise.race([farewell(isIdle), pause(FAREWELL_MS, undefined, { ref: false })]);
    },
  };
}

/** The lock is asked for again and again: a query that waits for it would keep signs of life waiting. */
async function alone<T>(session: () => pg.Client, work: () => Promise<T>): Promise<T> {
  while (!(await tryLock(session(), 'launch'))) await pause(50);
  try {
    return await work();
  } finally {
    await session()
      .query('select pg_advisory_unlock($1)', [lockKey('launch')])
      .catch(() => undefined);
  }
}

async function connect(url: string, silenceMs: number, withinMs = silenceMs): Promise<pg.Client> {
  const client = new DatabaseClient({ ...poolConfig(url), silenceMs, connectionTimeoutMillis: withinMs });
  await client.connect();
  return client;
}

/** Leaves no connection behind when it is none. */
async function mustBeSession(session: pg.Client, url: string): Promise<void> {
  let other: pg.Client | null = null;
  try {
    other = await connect(url, SILENCE_MS);
    await mustHaveSessions([session, other]);
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  } finally {
    await other?.end().catch(() => undefined);
  }
}

/** Takes a place, with a first sign of life; leaves no connection behind when it cannot. */
async function placeOf(session: pg.Client, base: string, isShared: boolean): Promise<string> {
  try {
    const executorId = await takePlace(session, base, isShared);
    await beat(session, executorId);
    return executorId;
  } catch (error) {
    await session.end().catch(() => undefined);
    throw error;
  }
}

/**
 * The lowest place that is free. With the embedded database there is one, as its data folder is one bot's: throws
 * `data-folder-in-use`.
 */
async function takePlace(session: pg.Client, base: string, isShared: boolean): Promise<string> {
  const deadline = performance.now() + (isShared ? PREDECESSOR_MS : ONLY_PREDECESSOR_MS);
  for (;;) {
    if (await tryLock(session, `${base}#1`)) return `${base}#1`;
    // Our own predecessor may have died a moment ago; its number is the one with our runs.
    if (performance.now() > deadline) break;
    await pause(50);
  }
  if (!isShared) throw new Refusal('data-folder-in-use', { process: await holderOf(session, `${base}#1`) });
  for (let number = 2; ; number += 1) {
    if (await tryLock(session, `${base}#${number}`)) return `${base}#${number}`;
  }
}

/** Null when it is to stop before there is a connection. */
async function reconnect(
  { database, log }: JoiningOptions,
  silenceMs: number,
  executorId: string,
  signal: AbortSignal,
): Promise<pg.Client | null> {
  for (let attempt = 0; ; attempt += 1) {
    let session: pg.Client | null = null;
    try {
      session = await connect(database.url, silenceMs);
      while (!signal.aborted && !(await tryLock(session, executorId))) {
        log.debug({ executorId }, 'waiting for our place among the replicas');
        await pause(250);
        await endOurLast(session, executorId);
      }
      return session;
    } catch (error) {
      session?.end().catch(() => undefined);
      if (!isPassing(error) && attempt % 60 === 0) {
        log.warn({ reason: (error as Error).message }, 'This replica cannot take its place again.');
      }
      if (signal.aborted) return null;
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

async function sayFarewell(session: pg.Client, executorId: string, isIdle: boolean): Promise<void> {
  if (isIdle)
    await session
      .query("update slipway.replicas set beat_at = '-infinity' where executor_id = $1", [executorId])
      .catch(() => undefined);
  await session.end().catch(() => undefined);
}

/** Silent for longer than `$2` ms. */
const STALE = "beat_at < now() - $2 * interval '1 millisecond'";

async function takeOverStale(
  session: pg.Client,
  executorId: string,
  { log, staleMs, takeOver }: JoiningOptions,
): Promise<void> {
  const { rows } = await session.query<{ dead: string }>(
    `select executor_id as dead from slipway.replicas where executor_id <> $1 and ${STALE}`,
    [executorId, staleMs],
  );
  for (const { dead } of rows) {
    const runs = await takeOverFrom(session, dead, staleMs, takeOver);
    if (runs !== null) log.info({ dead, runs }, 'A replica is gone; its runs go on here.');
  }
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
  if (!(await tryLock(session, dead)) && !(await fencedOff(session, dead))) return null;
  try {
    const { rowCount } = await session.query(
      `select from slipway.replicas where executor_id = $1 and ${STALE}`,
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
