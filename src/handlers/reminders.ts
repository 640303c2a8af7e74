import { schedule } from 'node-cron';
import { Unavailable } from '../domain/refusal.ts';
import { remindOfDebts } from '../flows/debts.ts';
import type { HandlerContext } from './context.ts';

const EVERY_TEN_SECONDS = '*/10 * * * * *';

/** Reminds people of what they owe. What is due comes from stored times, so a restart forgets nothing. */
export function startReminders({ office, log }: Pick<HandlerContext, 'office' | 'log'>): {
  stop(): Promise<void>;
} {
  const look = async () => {
    try {
      await remindOfDebts(office);
    } catch (error) {
      if (!(error instanceof Unavailable)) log.warn({ err: error }, 'debts could not be looked at');
    }
  };
  const task = schedule(EVERY_TEN_SECONDS, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}
