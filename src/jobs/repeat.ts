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

/**
 * So many ms, by the timers of the process: whoever sets the clock back or forward changes nothing, and a process that
 * was frozen for days goes on at once. Or a cron expression with seconds, for what has its time on the clock.
 */
export const EVERY = {
  second: 1_000,
  fiveSeconds: 5_000,
  nineSeconds: 9_000,
  tenSeconds: 10_000,
  twentySeconds: 20_000,
  minute: 60_000,
  hour: '0 23 * * * *',
} as const;

/**
 * Does the work again and again, never twice at once; `atOnce`: now, too. What does not answer now is tried again at the
 * next turn; whatever else fails is logged as `trouble`. Turns that a frozen process missed are not made up for. The signal
 * says that it has to stop: long work then ends early.
 */
export function repeat(
  turns: (typeof EVERY)[keyof typeof EVERY],
  work: (stopping: AbortSignal) => Promise<unknown>,
  {
    log,
    trouble,
    atOnce = true,
  }: { readonly log: Logger; readonly trouble: string; readonly atOnce?: boolean },
): Repeated {
  const stopping = new AbortController();
  let underWay: Promise<void> | null = null;
  const once = async () => {
    try {
      await work(stopping.signal);
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
  const end = typeof turns === 'number' ? everyMs(turns, turn) : atTimes(turns, turn, log);
  if (atOnce) void turn();
  return {
    stop: async () => {
      stopping.abort();
      await end();
      await Promise.race([underWay, pause(STOP_MS, undefined, { ref: false })]);
    },
  };
}

function everyMs(ms: number, turn: () => Promise<void>): () => void {
  const timer = setInterval(() => void turn(), ms);
  return () => clearInterval(timer);
}

function atTimes(cron: string, turn: () => Promise<void>, log: Logger): () => Promise<void> | void {
  const say = (message: string | Error) => log.debug({ part: 'cron' }, String(message));
  const logger = { debug: say, info: say, warn: say, error: say };
  const task = schedule(cron, turn, { noOverlap: true, suppressMissedWarning: true, logger });
  return () => task.stop();
}
