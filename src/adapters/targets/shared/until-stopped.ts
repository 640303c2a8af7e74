import { setTimeout as pause } from 'node:timers/promises';
import { whenRefusedOrAway } from '../../../domain/refusals/refusal.ts';

/** A job that is told to stop first ends what it is at, which takes up to some ten seconds. */
const LOOKS = 10;
const PAUSE_MS = 1_500;

/** Waits a moment until what was told to stop is over; goes on when it is not, or when nobody says it. */
export async function untilStopped(isOver: () => Promise<boolean>): Promise<void> {
  for (let look = 1; look <= LOOKS; look++) {
    if (await isOver().catch(whenRefusedOrAway(true))) return;
    await pause(look === 1 ? PAUSE_MS / 5 : PAUSE_MS);
  }
}
