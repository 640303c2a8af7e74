import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../domain/refusals/refusal.ts';

const PATIENCE_MS = 90_000;
/** Nothing holds it for so long; its pid has been given to another process since. */
const FORGOTTEN_MS = 300_000;

const held = new Set<string>();

/** One process at a time starts the server of a folder. A lock whose process is gone does not count. */
export async function withStartLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!take(path)) {
    if (performance.now() > deadline) throw new Refusal('embedded-database-busy', { file: path });
    await pause(25);
  }
  try {
    return await work();
  } finally {
    held.delete(path);
    rmSync(path, { force: true });
  }
}

function take(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    held.add(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isForgotten(path)) rmSync(path, { force: true });
  return false;
}

function isForgotten(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    if (Date.now() - statSync(path).mtimeMs > FORGOTTEN_MS) return true;
    // In a container every life of the bot has the same pid.
    if (pid === process.pid) return !held.has(path);
    return pid > 0 && !isAlive(pid);
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
