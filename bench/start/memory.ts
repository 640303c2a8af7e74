import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Memory {
  /** Shared pages counted once over all processes, MB. */
  readonly pss: number;
  /** Shared pages counted for each process that maps them, MB. */
  readonly rss: number;
}

/** What these processes hold now, from Linux' own accounting. */
export function memoryOf(pids: readonly number[]): Memory {
  const sums = pids.map((pid) => {
    const text = accountOf(pid);
    const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    return { pss: kb('Pss') / 1_024, rss: kb('Rss') / 1_024 };
  });
  const sum = (key: 'pss' | 'rss') => sums.reduce((all, one) => all + one[key], 0);
  return { pss: sum('pss'), rss: sum('rss') };
}

/** Empty when the process has ended since it was listed. */
function accountOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** Process id of the embedded server in a data folder of the bot. */
export function postgresOf(dataDir: string): number {
  const file = join(dataDir, 'postgres', 'data', 'postmaster.pid');
  return Number(readFileSync(file, 'utf8').split('\n', 1)[0]);
}

/** A process and all its children. */
export function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended since the folder was read.
    }
  }
  const family = [pid];
  for (const one of family) for (const [child, parent] of parents) if (parent === one) family.push(child);
  return family;
}
