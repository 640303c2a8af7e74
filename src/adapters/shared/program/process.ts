import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** A process of this machine: its number, and when it began, since numbers are used again. */
export const ProcessId = z.object({ pid: z.int(), born: z.string() });
export type ProcessId = z.infer<typeof ProcessId>;

/**
 * When a process began, as text to compare with: ticks since the boot, and the boot itself. Null when it runs no
 * more. Where there is no /proc, only whether it runs is known, and the text is empty.
 */
async function bornOf(pid: number): Promise<string | null> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return null;
  }
  if (process.platform !== 'linux') return '';
  try {
    const [stat, boot] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), bootId()]);
    // The second field is the program's name in brackets and may hold anything; state is 3rd, start time 22nd.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const dead = fields[0] === 'Z' || fields[0] === 'X';
    return dead ? null : `${fields[19]} ${boot}`;
  } catch {
    return null;
  }
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
}

/** Whether the process ran before this machine was started last; false where that is not known. */
export async function ranBeforeBoot({ born }: ProcessId): Promise<boolean> {
  const [then = '', now] = [born.split(' ')[1], await bootId()];
  return then !== '' && now !== '' && then !== now;
}

export async function processId(pid: number): Promise<ProcessId> {
  return { pid, born: (await bornOf(pid)) ?? '' };
}

/** Whether this very process still runs. */
export async function runs({ pid, born }: ProcessId): Promise<boolean> {
  const now = await bornOf(pid);
  return now !== null && now === born;
}

/** Sends a signal to a process, or to a whole group (`-pid`); a process that is gone is fine. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
