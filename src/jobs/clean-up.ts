import type { Logger } from 'pino';
import type { RequestContext } from '../flows/requests/request.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Whoever began it and is not done after so long, in ms, has died or could not; less than from one look to the next. */
const TRYING_MS = 50 * 60_000;

/**
 * Removes once a day, in one of all replicas, what is kept for `keepMs` only. Each hour it asks whether that was done
 * today, so that what was broken off, or a bot that was down, cleans up at another.
 */
export function startCleanUp(options: {
  readonly requests: Pick<RequestContext, 'ledger' | 'now'>;
  /** Removes what was over before that time, ms since the epoch; answers with how much that was. */
  readonly cleanUp: (before: number) => Promise<object>;
  readonly keepMs: number;
  readonly log: Logger;
}): Repeated {
  return repeat(EVERY.hour, () => cleanUpToday(options), {
    log: options.log,
    trouble: 'what is old could not be removed',
    atOnce: false,
  });
}

export async function cleanUpToday({
  requests,
  cleanUp,
  keepMs,
  log,
}: Parameters<typeof startCleanUp>[0]): Promise<void> {
  const now = requests.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const key = `clean-up:${today}`;
  if (!(await requests.ledger.tryOffer(key, TRYING_MS))) return;
  log.info(await cleanUp(now - keepMs), 'Removed what is no longer kept.');
  await requests.ledger.offerMade(key);
}
