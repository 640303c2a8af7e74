import { readFileSync, rmSync, statSync } from 'node:fs';
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
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes('postgres') && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether that process is the server of this data folder, and not another one that got its pid. */
export function isServerOf(pid: number, data: string): boolean {
  if (!isPostgres(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    // Where it works, also when the folder has been renamed since.
    return isSame(`/proc/${pid}/cwd`, data);
  } catch {
    return isStartedOn(pid, data);
  }
}

function isStartedOn(pid: number, data: string): boolean {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return args.includes('-D') && isSame(args[args.indexOf('-D') + 1] ?? '', data);
  } catch {
    return false;
  }
}

function isSame(folder: string, other: string): boolean {
  const [one, two] = [statSync(folder), statSync(other)];
  return one.dev === two.dev && one.ino === two.ino;
}

/**
 * The server on this data folder, once it is ready; null when none runs. What a dead one left is for PostgreSQL to judge,
 * which looks for what else still uses the folder. Only where its pid is another program's by now, the file is removed:
 * PostgreSQL would not start. The folder has to be ours, see `ownFolder`.
 */
export async function runningPostmaster(data: string, patienceMs: number): Promise<Postmaster | null> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const found = readPostmaster(data);
    if (!found) {
      removeEmpty(data);
      return null;
    }
    if (!isServerOf(found.pid, data)) {
      if (isAlive(found.pid)) rmSync(join(data, 'postmaster.pid'), { force: true });
      return null;
    }
    if (found.ready) return found;
    // Starting, recovering after a crash, or shutting down.
    if (performance.now() > deadline) return null;
    await pause(10);
  }
}

/** PostgreSQL would not start over a file that a full disk left empty. Nobody else is starting one: that takes a lock. */
function removeEmpty(data: string): void {
  const path = join(data, 'postmaster.pid');
  if (statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path, { force: true });
}

/** Asks for a fast shutdown and waits for its end; after `patienceMs` an immediate one (recovers at the next start). */
export async function stopPostmaster(data: string, patienceMs = 20_000): Promise<void> {
  const found = readPostmaster(data);
  if (!found || !isServerOf(found.pid, data)) return;
  signal(found.pid, 'SIGINT');
  if (await gone(found.pid, patienceMs)) return;
  signal(found.pid, 'SIGQUIT');
  await gone(found.pid, 5_000);
}

/** Ends a server at once whose folder is not ours any more. */
export function endServer(pid: number, data: string): void {
  if (isServerOf(pid, data)) signal(pid, 'SIGQUIT');
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
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
