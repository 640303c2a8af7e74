import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** What the server writes about itself into its data folder. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

/**
 * Lines of postmaster.pid: pid, data folder, start time, port, socket folder, listen address, shared memory
 * key, status (PostgreSQL source, src/include/utils/pidfile.h). Null when there is no whole file.
 */
export function readPostmaster(data: string): Postmaster | null {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, port: Number(lines[3] ?? 0), ready: lines[7]?.trim() === 'ready' };
}

/** Whether that process is there and is a PostgreSQL server; a pid may since belong to something else. */
export function isPostgres(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  if (process.platform !== 'linux') return true;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('postgres') && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The server on this data folder, once it is ready; null when none runs. Removes what a dead one left. */
export async function runningPostmaster(data: string, patienceMs: number): Promise<Postmaster | null> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = readPostmaster(data);
    if (!found) return null;
    if (!isPostgres(found.pid)) {
      rmSync(join(data, 'postmaster.pid'), { force: true });
      return null;
    }
    if (found.ready) return found;
    // Starting, recovering after a crash, or shutting down.
    if (performance.now() > deadline) return null;
    await pause(10);
  }
}

/** Asks for a fast shutdown and waits for its end; after `patienceMs` an immediate one (recovers at the next start). */
export async function stopPostmaster(data: string, patienceMs = 20_000): Promise<void> {
  const found = readPostmaster(data);
  if (!found || !isPostgres(found.pid)) return;
  signal(found.pid, 'SIGINT');
  if (await gone(found.pid, patienceMs)) return;
  signal(found.pid, 'SIGQUIT');
  await gone(found.pid, 5_000);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}

async function gone(pid: number, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (isPostgres(pid)) {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  return true;
}
