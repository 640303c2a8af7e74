import { schedule } from 'node-cron';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { keepBaselines } from '../flows/jobs/keep-baselines.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_TEN_SECONDS = '*/10 * * * * *';

/** Stores what sources without a history saw, so that a restart before the deploy loses nothing of the baseline. */
export function startBaselines({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): {
  stop(): Promise<void>;
} {
  const look = async () => {
    try {
      await keepBaselines(requests);
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, 'baselines could not be stored');
    }
  };
  const task = schedule(EVERY_TEN_SECONDS, look, { noOverlap: true });
  return { stop: async () => task.stop() };
}
