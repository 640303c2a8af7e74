import { setTimeout as pause } from 'node:timers/promises';
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

/** Between two tries at the address that came with a payload, in ms. */
const RESPOND_AGAIN_MS = [500, 2_000, 5_000];

/**
 * Sends answers that only this person sees: by `respond`, which posts to the address that came with the payload and
 * has no rate limit; else as a message in the channel that only they see; else in the app's own messages to them.
 */
export function answerIn(context: HandlerContext, place: AnswerPlace, respond?: RespondFn): SendAnswer {
  const { client, log } = context;
  const { user, channel, thread } = place;
  const inThread = thread ? { thread_ts: thread } : {};
  return async (message: Message) => {
    const { text, blocks } = message;
    const ways = [
      ...(respond === undefined ? [] : [() => respondWith(context, respond, message, inThread)]),
      ...(channel === undefined
        ? []
        : [() => client.chat.postEphemeral({ channel, user, text, blocks, ...inThread })]),
      () => client.chat.postMessage({ channel: user, text, blocks }),
    ];
    for (const way of ways) {
      try {
        await way();
        return;
      } catch (error) {
        log.warn({ err: error, user, channel }, 'an answer goes another way, or is lost');
      }
    }
  };
}

/** Tries again when Slack does not take it now; the address is good for half an hour. */
async function respondWith(
  { seal }: HandlerContext,
  respond: RespondFn,
  message: Message,
  inThread: { readonly thread_ts?: string },
): Promise<void> {
  const { text, blocks } = sealed(message, await seal());
  const said = { response_type: 'ephemeral', replace_original: false, text, blocks, ...inThread } as const;
  for (const ms of [...RESPOND_AGAIN_MS, null]) {
    try {
      await respond(said);
      return;
    } catch (error) {
      if (ms === null || !isPassing(error)) throw error;
      await pause(ms, undefined, { ref: false });
    }
  }
}

/** Slack is busy or not there; everything else it refuses for good. */
function isPassing(error: unknown): boolean {
  const status = (error as { readonly statusCode?: unknown } | null)?.statusCode;
  return typeof status !== 'number' || status === 429 || status >= 500;
}
