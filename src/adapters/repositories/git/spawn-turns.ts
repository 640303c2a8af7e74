import { setImmediate as nextRound } from 'node:timers/promises';

/** Rounds of the event loop between two starts: what arrived during the first is read in one and answered in the next. */
const ROUNDS = 2;

let last: Promise<void> = Promise.resolve();

/**
 * Resolves when a process may be started: starting one holds up the event loop for milliseconds, so that they are started
 * one at a time, and what arrived meanwhile goes first.
 */
export function spawnTurn(): Promise<void> {
  last = last.then(async () => {
    for (let round = 0; round < ROUNDS; round++) await nextRound();
  });
  return last;
}
