import { schedule } from 'node-cron';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { remindOfDebts } from '../flows/jobs/remind-debts.ts';
import { callThoseWhoWait } from '../flows/locks/queue.ts';
import { forEach } from '../flows/run/for-each.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_TEN_SECONDS = '*/10 * * * * *';

/**
 * Reminds people of overrides that nobody has acknowledged, and calls those who wait in the queue of a service that
 * became free. What is due is read from what is stored, so a restart forgets nothing.
 */
export function startReminders({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): {
  stop(): Promise<void>;
} {
  const callNext = () => callThoseWhoWait(requests);
  const look = async () => {
    try {
      await forEach([() => remindOfDebts(requests), callNext], (work) => work());
    } catch (error) {
      if (!(error instanceof Unavailable))
        log.warn({ err: error }, 'debts and queues could not be looked at');
    }
  };
  const task = schedule(EVERY_TEN_SECONDS, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}
