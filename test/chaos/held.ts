import { readdir, readFile } from 'node:fs/promises';

/** What a process holds, and what it has used. */
export interface Held {
  /** Memory that is in use, MB. */
  readonly mb: number;
  /** Files, sockets and pipes. */
  readonly handles: number;
  readonly children: number;
  /** Processor time so far, s. */
  readonly cpu: number;
  /** The same with that of the programs that it has run. */
  readonly cpuOfAll: number;
}

/** Of `/proc/…/stat`: ticks a second, as Linux tells them to everybody. */
const TICKS = 100;

export async function heldBy(pid: number): Promise<Held> {
  const [status, stat, handles, children] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readdir(`/proc/${pid}/fd`),
    readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'),
  ]);
  // After the name in brackets: user and system time, of the process and of its children that have ended.
  const [user = 0, system = 0, ...ofChildren] = stat
    .slice(stat.lastIndexOf(')'))
    .split(' ')
    .slice(12, 16)
    .map((ticks) => Number(ticks) / TICKS);
  return {
    mb: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024,
    handles: handles.length,
    children: children.trim() === '' ? 0 : children.trim().split(' ').length,
    cpu: user + system,
    cpuOfAll: user + system + ofChildren.reduce((sum, one) => sum + one, 0),
  };
}
