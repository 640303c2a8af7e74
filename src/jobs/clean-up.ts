import type { Logger } from 'pino';
import type { RequestContext } from '../flows/requests/request.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Whoever began it and is not done after so long, in ms, has died or could not; less than from one look to the next. */
const TRYING_MS = 50 * 60_000;

/**
 * Removes once a day, in one of all replicas, what is kept for `keepMs` only. Each hour it asks whether that was done
 * today, so that what was broken off, or was too much for one turn, is gone on with, and a bot that was down cleans up at
 * another.
 */
export function startCleanUp(options: {
  readonly requests: Pick<RequestContext, 'ledger' | 'now'>;
  /** Removes what was over before that time, ms since the epoch; answers with how much that was, and whether it was all. */
  readonly cleanUp: (before: number, stopping?: AbortSignal) => Promise<{ readonly isAll: boolean }>;
  readonly keepMs: number;
  readonly log: Logger;
}): Repeated {
  return repeat(EVERY.hour, (stopping) => cleanUpToday(options, stopping), {
    log: options.log,
    trouble: 'what is old could not be removed',
    atOnce: false,
  });
}

export async function cleanUpToday(
  { requests, cleanUp, keepMs, log }: Parameters<typeof startCleanUp>[0],
  stopping?: AbortSignal,
): Promise<void> {
  const now = requests.now();
  const today = new Date(now).toISOString().slice(0, 10);
  const key = `clean-up:${today}`;
  if (!(await requests.ledger.tryOffer(key, TRYING_MS))) return;
  const removed = await cleanUp(now - keepMs, stopping);
  log.info(removed, 'Removed what is no longer kept.');
  if (removed.isAll) await requests.ledger.offerMade(key);
}
