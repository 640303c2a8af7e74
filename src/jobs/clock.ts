import type { Logger } from 'pino';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** A clock that is kept right moves by less at once, in ms. */
const STEP_MS = 5_000;

interface Clock {
  /** ms since the epoch */
  now(): number;
  /** Monotonic, ms. */
  elapsed(): number;
}

/**
 * Says when somebody sets the clock of the machine. What this process waits for itself is not held up by it; what a
 * promotion waits for is stored as a time of the clock, and comes as much later as it was set back.
 */
export function startClockWatch(clock: Clock, log: Logger): Repeated {
  const look = clockSteps(clock);
  return repeat(EVERY.second, async () => sayStep(look(), log), {
    log,
    trouble: 'the clock could not be read',
  });
}

/** By how much the clock was set since the last look, in ms, back is negative; 0: it was not. */
export function clockSteps({ now, elapsed }: Clock): () => number {
  let before = now() - elapsed();
  return () => {
    const offset = now() - elapsed();
    const step = offset - before;
    before = offset;
    return Math.abs(step) < STEP_MS ? 0 : step;
  };
}

function sayStep(step: number, log: Logger): void {
  const seconds = Math.round(Math.abs(step) / 1_000);
  if (step < 0)
    log.error(
      { seconds },
      'The clock was set back. Promotions that wait, and watches of production, go on that much later: look at production until then.',
    );
  if (step > 0) log.warn({ seconds }, 'The clock was set forward, or this machine slept.');
}
