import { schedule } from 'node-cron';
import { nextInQueue } from '../blocks/thread/approval-notices.ts';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { remindOfDebts } from '../flows/jobs/remind-debts.ts';
import { callThoseWhoWait } from '../flows/locks/queue.ts';
import { each } from '../flows/run/for-each.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_TEN_SECONDS = '*/10 * * * * *';

/**
 * Reminds people of what they owe, and calls those who wait for what became free. What is due comes from what is
 * stored, so a restart forgets nothing.
 */
export function startReminders({
  requests,
  client,
  log,
}: Pick<HandlerContext, 'requests' | 'client' | 'log'>): {
  stop(): Promise<void>;
} {
  const call = () =>
    callThoseWhoWait(requests, async ({ service }, notice) => {
      const { text, blocks } = nextInQueue(notice);
      await client.chat.postMessage({ channel: service.channel, text, blocks });
    });
  const look = async () => {
    try {
      await each([() => remindOfDebts(requests), call], (work) => work());
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, 'debts and lines could not be looked at');
    }
  };
  const task = schedule(EVERY_TEN_SECONDS, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}
