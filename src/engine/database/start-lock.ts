import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { isAlive } from './postmaster.ts';
import { putFile } from './put-file.ts';

const PATIENCE_MS = 90_000;
/** Nothing holds it for so long; its pid has been given to another process since. */
const FORGOTTEN_MS = 300_000;

const held = new Set<string>();

/**
 * One process at a time starts the server of a folder. A lock whose process is gone does not count, nor one of another
 * `space`: the folder is ours, so nobody there has it any more.
 */
export async function withStartLock<T>(path: string, space: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!take(path, space)) {
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

function take(path: string, space: string): boolean {
  const isOurs = putFile(path, `${process.pid} ${space}`, linkSync);
  if (isOurs) held.add(path);
  else if (isForgotten(path, space)) removeForgotten(path, space);
  return isOurs;
}

/** Another process may have done the same, and have taken the lock since: then it is put back. */
function removeForgotten(path: string, space: string): void {
  const aside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    renameSync(path, aside);
    if (!isForgotten(aside, space, path)) linkSync(aside, path);
  } catch {
    // It is gone already.
  } finally {
    rmSync(aside, { force: true });
  }
}

function isForgotten(file: string, space: string, path = file): boolean {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
    if (Date.now() - statSync(file).mtimeMs > FORGOTTEN_MS) return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
  const [first = '', ...rest] = text.split(' ');
  const pid = Number(first);
  // Earlier versions wrote no more than the pid.
  if (!(pid > 0) || (rest.length > 0 && rest.join(' ') !== space)) return true;
  // In a container every life of the bot has the same pid.
  return pid === process.pid ? !held.has(path) : !isAlive(pid);
}
