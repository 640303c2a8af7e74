import { recheckReleased } from '../flows/jobs/recheck-released.ts';
import { mendRuns } from '../flows/jobs/resume-runs.ts';
import { deliver } from '../flows/requests/deliver.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Whoever stored a message delivers it within this time, or has died, in ms. */
const LATE_MS = 2_000;

/**
 * Delivers what people told runs and whoever stored it could not, and mends promotions that have no run. Everything is
 * read from what is stored, so any replica does it for any other.
 */
export function startRunCare({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): Repeated {
  const options = { log, trouble: 'runs could not be looked after' };
  let olderThanMs = 0;
  const deliverAll = async () => {
    await deliver(requests, { olderThanMs });
    olderThanMs = LATE_MS;
  };
  // All open promotions are read to mend them.
  const jobs = [
    repeat(EVERY.fiveSeconds, deliverAll, options),
    repeat(EVERY.tenSeconds, () => mendRuns(requests, log), options),
    repeat(EVERY.minute, recheckReleased(requests), options),
  ];
  return { stop: async () => void (await Promise.all(jobs.map((job) => job.stop()))) };
}
