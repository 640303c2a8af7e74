import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { codeOf, PROCESS_NAME } from './connection.ts';
import { processOf } from './other-users.ts';

/** How long the connections of a replica that is fenced off may take to end. */
const FENCE_MS = 1_000;
/** The place of the only bot of a data folder. */
const ONLY_PLACE = 'local#1';
/** PostgreSQL frees the lock of a process that was killed within this time, where nobody else may be there. */
export const ONLY_PREDECESSOR_MS = 5_000;

/** The connections that hold the lock `$1`, in this database. */
const HOLDERS = `pg_locks held join pg_stat_activity holder using (pid)
  where held.locktype = 'advisory' and held.granted and held.objsubid = 1 and holder.datname = current_database()
    and (held.classid::bigint << 32) | held.objid::bigint = $1`;

/** The process that holds a place, in words. */
export async function holderOf(session: pg.Client, executorId: string): Promise<string> {
  return processOf((await nameOfHolder(session, executorId)) ?? '');
}

async function nameOfHolder(
  session: Pick<pg.ClientBase, 'query'>,
  executorId: string,
): Promise<string | null> {
  const { rows } = await session.query<{ name: string }>(
    `select holder.application_name as name from ${HOLDERS}`,
    [lockKey(executorId)],
  );
  return rows[0]?.name ?? null;
}

/**
 * Refusal `data-folder-in-use` when another bot has the place of the embedded database. Asked before anything is changed
 * there; `joinReplicas` decides.
 */
export async function mustBeOnlyBot(pool: pg.Pool): Promise<void> {
  const deadline = performance.now() + ONLY_PREDECESSOR_MS;
  for (;;) {
    const holder = await nameOfHolder(pool, ONLY_PLACE);
    if (holder === null || holder === PROCESS_NAME) return;
    if (performance.now() > deadline) throw new Refusal('data-folder-in-use', { process: processOf(holder) });
    await pause(50);
  }
}

/** A bot that was heard of so lately may come back: it is moved to another machine, or its database was away, ms. */
const SILENT_MS = 3_600_000;

/** Whether a bot, of whatever version, holds a place or was heard of lately; also where this role may not see it. */
export async function isBotAtWork(pool: pg.Pool): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ place: string; fresh: boolean }>(
      `select executor_id as place, beat_at > now() - $1 * interval '1 millisecond' as fresh from slipway.replicas`,
      [SILENT_MS],
    );
    const places = [ONLY_PLACE, ...rows.map(({ place }) => place)];
    return rows.some(({ fresh }) => fresh) || (await isAnyHeld(pool, places));
  } catch (error) {
    if (codeOf(error) === '42P01') return false;
    if (codeOf(error) === '42501') return true;
    throw error;
  }
}

async function isAnyHeld(pool: pg.Pool, places: readonly string[]): Promise<boolean> {
  const { rows } = await pool.query(
    `select from pg_locks join pg_database on pg_database.oid = database
      where locktype = 'advisory' and granted and objsubid = 1 and datname = current_database()
        and (classid::bigint << 32) | objid::bigint = any($1::bigint[])`,
    [places.map(lockKey)],
  );
  return rows.length > 0;
}

/** Our own last connection, which the server may take for alive as long as nobody tells it otherwise. */
export async function endOurLast(session: pg.Client, executorId: string): Promise<void> {
  await session.query(
    `select pg_terminate_backend(pid) from ${HOLDERS} and holder.application_name = $2 and pid <> pg_backend_pid()`,
    [lockKey(executorId), PROCESS_NAME],
  );
}

/**
 * Ends all connections of the process that holds the place, and takes its lock; false when it has none of it soon. What
 * such a process had begun in the database is undone with them.
 */
export async function fencedOff(session: pg.Client, executorId: string): Promise<boolean> {
  await session.query(
    `select pg_terminate_backend(theirs.pid) from pg_stat_activity theirs
      where (application_name, datid, usesysid) in (select application_name, datid, usesysid from ${HOLDERS})
        and theirs.pid <> pg_backend_pid()`,
    [lockKey(executorId)],
  );
  const deadline = performance.now() + FENCE_MS;
  while (!(await tryLock(session, executorId))) {
    if (performance.now() > deadline) return false;
    await pause(25);
  }
  return true;
}

export async function tryLock(session: pg.Client, executorId: string): Promise<boolean> {
  const { rows } = await session.query<{ got: boolean }>('select pg_try_advisory_lock($1) as got', [
    lockKey(executorId),
  ]);
  return rows[0]?.got === true;
}

export function lockKey(executorId: string): string {
  const digest = createHash('sha256').update(`slipway replica ${executorId}`).digest();
  return String(digest.readBigInt64BE(0));
}

/** What a pooler that gives each transaction any connection of its own is asked for: two clients, twice in a row each. */
const TURNS = [0, 0, 1, 1, 0, 1, 1, 0, 0, 1];

/**
 * Refusal `database-pooled` where two connections do not keep a process each on the server: locks and `LISTEN` belong to
 * such a process. Nothing is locked to see it, as a lock might stay behind.
 */
export async function mustHaveSessions(clients: readonly [pg.ClientBase, pg.ClientBase]): Promise<void> {
  const seen: [Set<number>, Set<number>] = [new Set(), new Set()];
  for (const turn of TURNS) {
    const at = turn === 0 ? 0 : 1;
    const { rows } = await clients[at].query<{ pid: number }>('select pg_backend_pid() as pid');
    seen[at].add(rows[0]?.pid ?? 0);
  }
  if (new Set([...seen[0], ...seen[1]]).size !== 2 || seen.some(({ size }) => size !== 1))
    throw new Refusal('database-pooled', {});
}
