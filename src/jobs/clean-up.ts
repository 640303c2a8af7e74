import { schedule } from 'node-cron';
import type { Logger } from 'pino';
import { Unavailable } from '../domain/refusals/refusal.ts';
import type { RequestContext } from '../flows/requests/request.ts';

/** Each hour asks whether it was done today, so that a bot that was down at one hour cleans up at another. */
const EVERY_HOUR = '23 * * * *';

/** Removes once a day, in one of all replicas, what is kept for `keepMs` only. */
export function startCleanUp(options: {
  readonly requests: Pick<RequestContext, 'ledger' | 'now'>;
  /** Removes what was over before that time, ms since the epoch; answers with how much that was. */
  readonly cleanUp: (before: number) => Promise<object>;
  readonly keepMs: number;
  readonly log: Logger;
}): { stop(): Promise<void> } {
  const task = schedule(EVERY_HOUR, () => cleanUpToday(options), { noOverlap: true });
  return { stop: async () => task.stop() };
}

export async function cleanUpToday({
  requests,
  cleanUp,
  keepMs,
  log,
}: Parameters<typeof startCleanUp>[0]): Promise<void> {
  try {
    const now = requests.now();
    const today = new Date(now).toISOString().slice(0, 10);
    if (!(await requests.ledger.once(`clean-up:${today}`))) return;
    log.info(await cleanUp(now - keepMs), 'Removed what is no longer kept.');
  } catch (error) {
    if (!(error instanceof Unavailable)) log.warn({ err: error }, 'what is old could not be removed');
  }
}
