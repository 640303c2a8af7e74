import { schedule } from 'node-cron';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { mendRuns } from '../flows/jobs/resume-runs.ts';
import { deliver } from '../flows/requests/deliver.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_FIVE_SECONDS = '*/5 * * * * *';
/** All open promotions are read for it. */
const EVERY_TEN_SECONDS = '*/10 * * * * *';
/** Whoever stored a message delivers it within this time, or has died, in ms. */
const LATE_MS = 2_000;

/**
 * Delivers what people told runs and whoever stored it could not, and mends promotions that have no run. Everything is
 * read from what is stored, so any replica does it for any other.
 */
export function startRunCare({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): {
  stop(): Promise<void>;
} {
  const looking = (work: () => Promise<void>) => async () => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, 'runs could not be looked after');
    }
  };
  let olderThanMs = 0;
  const deliverAll = looking(async () => {
    await deliver(requests, { olderThanMs });
    olderThanMs = LATE_MS;
  });
  const mendAll = looking(() => mendRuns(requests, log));
  const tasks = [
    schedule(EVERY_FIVE_SECONDS, deliverAll, { noOverlap: true }),
    schedule(EVERY_TEN_SECONDS, mendAll, { noOverlap: true }),
  ];
  void deliverAll();
  void mendAll();
  return { stop: async () => void (await Promise.all(tasks.map((task) => task.stop()))) };
}
