import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const LOOK_EVERY_MS = 250;
/** A fetch takes five or six: git, the helper of the transport, ssh, index-pack, maintenance. */
const MOST_PROCESSES = 24;
const PAGE_BYTES = 4_096;
const MOST_BYTES = Math.max(1024 ** 3, totalmem() / 2);

/**
 * Looks at a process and all that came of it, four times a second, and calls `stop` with the reason when they are
 * more than 24, or use more than half of the machine's memory (1 GB at least). Git starts fetches from within
 * fetches when a remote does not send what it promised, without end. Looks only where the kernel lists the children
 * of a process (Linux). Call what it returns when the process has ended.
 */
export function guardProcess(pid: number, stop: (reason: string) => void): () => void {
  const timer = setInterval(() => {
    const all = familyOf(pid);
    if (all.length > MOST_PROCESSES) stop(`git started more than ${MOST_PROCESSES} processes`);
    else if (memoryOf(all) > MOST_BYTES) stop('git used more than half of the memory of the machine');
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function familyOf(pid: number): readonly number[] {
  const all = [pid];
  for (let at = 0; at < all.length && all.length <= MOST_PROCESSES; at += 1) {
    all.push(...numbers(`/proc/${all[at]}/task/${all[at]}/children`));
  }
  return all;
}

function memoryOf(pids: readonly number[]): number {
  // The second number is what is in memory, in pages.
  return pids.reduce((sum, pid) => sum + (numbers(`/proc/${pid}/statm`)[1] ?? 0) * PAGE_BYTES, 0);
}

function numbers(file: string): number[] {
  try {
    return readFileSync(file, 'latin1').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    // It has ended, or this system does not tell.
    return [];
  }
}
