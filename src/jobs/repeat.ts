import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import { Unavailable } from '../domain/refusals/refusal.ts';

export interface Repeated {
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
  const turn = async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, trouble);
    }
  };
  const say = (message: string | Error) => log.debug({ part: 'cron' }, String(message));
  const logger = { debug: say, info: say, warn: say, error: say };
  const task = schedule(turns, turn, { noOverlap: true, suppressMissedWarning: true, logger });
  if (atOnce) void turn();
  return { stop: async () => task.stop() };
}
