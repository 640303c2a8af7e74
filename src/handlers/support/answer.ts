import type { RespondFn } from '@slack/bolt';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { sealed } from '../../blocks/kit/seal.ts';
import type { HandlerContext } from './context.ts';

/** Sends one person an answer. Never throws: what cannot be delivered is logged. */
export type SendAnswer = (message: Message) => Promise<void>;

/** Where a person is, and their answer goes. */
export interface AnswerPlace {
  readonly user: string;
  /** Absent for the Home tab and global shortcuts: then the answer goes into the app's messages. */
  readonly channel?: string | undefined;
  readonly thread?: string | undefined;
}

/**
 * Sends answers that only this person sees. `respond` posts to the address that came with the payload, which has no rate
 * limit; without it, or when it fails, the answer is a call of the Web API.
 */
export function answerIn(context: HandlerContext, place: AnswerPlace, respond?: RespondFn): SendAnswer {
  const byCall = answerByCall(context, place);
  if (respond === undefined) return byCall;
  return async (message: Message) => {
    try {
      const { text, blocks } = sealed(message, await context.seal());
      await respond({
        response_type: 'ephemeral',
        replace_original: false,
        text,
        blocks,
        ...(place.thread ? { thread_ts: place.thread } : {}),
      });
    } catch (error) {
      context.log.debug({ err: error, user: place.user }, 'an answer goes another way');
      await byCall(message);
    }
  };
}

function answerByCall({ client, log }: HandlerContext, { user, channel, thread }: AnswerPlace): SendAnswer {
  return async ({ text, blocks }: Message) => {
    try {
      if (channel === undefined) await client.chat.postMessage({ channel: user, text, blocks });
      else
        await client.chat.postEphemeral({
          channel,
          user,
          text,
          blocks,
          ...(thread ? { thread_ts: thread } : {}),
        });
    } catch (error) {
      log.warn({ err: error, user, channel }, 'an answer could not be delivered');
    }
  };
}
