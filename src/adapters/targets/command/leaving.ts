import type { ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Unavailable } from '../../../domain/refusals/refusal.ts';

const LOOK_MS = 100;
/** Until those who follow a command have seen how it ended: a little more than they let pass between two looks. */
const SEEN_MS = 6_000;

const supervisors = new Set<ChildProcess>();
let isLeaving = false;

/** Takes note of a supervisor that this process started, for as long as it runs. */
export function supervisedHere(supervisor: ChildProcess): void {
  if (supervisor.pid === undefined) return;
  supervisors.add(supervisor);
  supervisor.once('exit', () => supervisors.delete(supervisor));
}

/** Throws Unavailable once this process is about to end: the next one starts the command. */
export function mustNotBeLeaving(): void {
  if (isLeaving)
    throw new Unavailable('the deploy command', 'Slipway is being stopped; the next start runs it');
}

/**
 * From now on this process starts no command. Waits for those that it started and whoever follows them, `limitMs` at most;
 * returns how many still run then. `onWait`: so many are waited for.
 */
export async function commandsOver(limitMs: number, onWait: (running: number) => void): Promise<number> {
  isLeaving = true;
  if (supervisors.size === 0) return 0;
  onWait(supervisors.size);
  const deadline = performance.now() + limitMs;
  while (supervisors.size > 0 && performance.now() < deadline) await pause(LOOK_MS);
  if (supervisors.size === 0) await pause(Math.min(SEEN_MS, Math.max(0, deadline - performance.now())));
  return supervisors.size;
}
