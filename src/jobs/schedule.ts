import { advanceAll } from '../flows/schedule/advance.ts';
import { sequenceVoice } from '../handlers/habits/sequence-voice.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** Starts what people planned when it is due, and says what becomes of it. A restart forgets nothing. */
export function startSchedule(
  context: Pick<HandlerContext, 'requests' | 'client' | 'log' | 'channelId'>,
): Repeated {
  const voice = sequenceVoice(context);
  return repeat(EVERY.fiveSeconds, () => advanceAll(context.requests, voice), {
    log: context.log,
    trouble: 'what is planned could not go on',
  });
}
