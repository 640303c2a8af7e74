import { schedule } from 'node-cron';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { mendRuns } from '../flows/jobs/resume-runs.ts';
import { deliver } from '../flows/requests/deliver.ts';
import { forEach } from '../flows/run/for-each.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_FIVE_SECONDS = '*/5 * * * * *';
/** Whoever stored a message delivers it within this time, or has died, in ms. */
const LATE_MS = 2_000;

/**
 * Delivers what people told runs and whoever stored it could not, and mends promotions that have no run. Everything is
 * read from what is stored, so any replica does it for any other.
 */
export function startRunCare({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): {
  stop(): Promise<void>;
} {
  let olderThanMs = 0;
  const look = async () => {
    try {
      await forEach([() => deliver(requests, { olderThanMs }), () => mendRuns(requests, log)], (work) =>
        work(),
      );
      olderThanMs = LATE_MS;
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, 'runs could not be looked after');
    }
  };
  const task = schedule(EVERY_FIVE_SECONDS, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}
