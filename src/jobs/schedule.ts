import { schedule } from 'node-cron';
import { Unavailable } from '../domain/refusals/refusal.ts';
import { advanceAll } from '../flows/schedule/advance.ts';
import { sequenceVoice } from '../handlers/habits/sequence-voice.ts';
import type { HandlerContext } from '../handlers/support/context.ts';

const EVERY_FIVE_SECONDS = '*/5 * * * * *';

/** Starts what people planned when it is due, and says what becomes of it. A restart forgets nothing. */
export function startSchedule(context: Pick<HandlerContext, 'requests' | 'client' | 'log' | 'channelId'>): {
  stop(): Promise<void>;
} {
  const voice = sequenceVoice(context);
  const look = async () => {
    try {
      await advanceAll(context.requests, voice);
    } catch (error) {
      if (!(error instanceof Unavailable))
        context.log.warn({ err: error }, 'what is planned could not go on');
    }
  };
  const task = schedule(EVERY_FIVE_SECONDS, look, { noOverlap: true });
  void look();
  return { stop: async () => task.stop() };
}
