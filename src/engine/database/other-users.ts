import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { PROCESS_NAME } from './connection.ts';

/**
 * Other processes that are connected, in words. One that has just ended is still counted for a moment, which is waited for.
 */
export async function otherUsers(
  client: Pick<pg.ClientBase, 'query'>,
  patienceMs: number,
): Promise<readonly string[]> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await client.query<{ name: string }>(
      `select application_name as name from pg_stat_activity
       where (backend_type = 'client backend' or (backend_type is null and usename is not null)) and pid <> pg_backend_pid()
         and application_name not in ($1, '')`,
      [PROCESS_NAME],
    );
    if (rows.length === 0 || performance.now() > deadline) return rows.map(({ name }) => processOf(name));
    await pause(50);
  }
}

/** The process of a connection, in words. */
export function processOf(applicationName: string): string {
  const pid = /^slipway (\d+) /.exec(applicationName)?.[1];
  return pid === undefined ? 'another process' : `process ${pid}`;
}
