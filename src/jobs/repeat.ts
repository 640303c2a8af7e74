import { setTimeout as pause } from 'node:timers/promises';
import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import { Unavailable } from '../domain/refusals/refusal.ts';

/** What is under way is waited for so long when it has to stop, ms. */
const STOP_MS = 5_000;

export interface Repeated {
  /** Waits for the turn that is under way, for a while. */
  stop(): Promise<void>;
}

/** Cron expressions, with seconds. */
export const EVERY = {
  fiveSeconds: '*/5 * * * * *',
  tenSeconds: '*/10 * * * * *',
  twentySeconds: '*/20 * * * * *',
  minute: '0 * * * * *',
  hour: '0 23 * * * *',
} as const;

/**
 * Does the work again and again, never twice at once; `atOnce`: now, too. What does not answer now is tried again at the
 * next turn; whatever else fails is logged as `trouble`. Turns that a frozen process missed are not made up for.
 */
export function repeat(
  turns: (typeof EVERY)[keyof typeof EVERY],
  work: () => Promise<unknown>,
  {
    log,
    trouble,
    atOnce = true,
  }: { readonly log: Logger; readonly trouble: string; readonly atOnce?: boolean },
): Repeated {
  let underWay: Promise<void> | null = null;
  const once = async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, trouble);
    } finally {
      underWay = null;
    }
  };
  const turn = () => {
    underWay ??= once();
    return underWay;
  };
  const say = (message: string | Error) => log.debug({ part: 'cron' }, String(message));
  const logger = { debug: say, info: say, warn: say, error: say };
  const task = schedule(turns, turn, { noOverlap: true, suppressMissedWarning: true, logger });
  if (atOnce) void turn();
  return {
    stop: async () => {
      await task.stop();
      await Promise.race([underWay, pause(STOP_MS, undefined, { ref: false })]);
    },
  };
}
