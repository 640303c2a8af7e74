import { setTimeout as pause } from 'node:timers/promises';
import type { RespondFn } from '@slack/bolt';
import { failureOf } from '../../adapters/slack/port.ts';
import type { Message } from '../../blocks/kit/rich-text.ts';
import { sealed } from '../../blocks/kit/seal.ts';
import { weeksPicture } from '../../blocks/replies/figures.ts';
import { given } from '../../domain/text/given.ts';
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
/** Whoever gives no answer there for so long, in ms, is not going to. */
const RESPOND_TIMEOUT_MS = 10_000;

/**
 * Sends answers that only this person sees: by `respond`, which posts to the address that came with the payload and
 * has no rate limit; else as a message in the channel that only they see; else in the app's own messages to them.
 */
export function answerIn(
  context: HandlerContext,
  place: AnswerPlace,
  respond?: RespondFn,
  respondTimeoutMs = RESPOND_TIMEOUT_MS,
): SendAnswer {
  const { client, log } = context;
  const { user, channel, thread } = place;
  const inThread = thread ? { thread_ts: thread } : {};
  /** Whether Slack does not take what is in it, whichever way it goes. */
  const isRefused = async ({ text, blocks }: Pick<Message, 'text'> & Partial<Message>, what: string) => {
    let refused = false;
    for (const way of [
      respond && (() => respondWith(context, inTime(respond, respondTimeoutMs), { text, blocks }, inThread)),
      channel &&
        (() => client.chat.postEphemeral({ channel, user, text, ...given({ blocks }), ...inThread })),
      () => client.chat.postMessage({ channel: user, text, ...given({ blocks }) }),
    ]) {
      if (!way) continue;
      try {
        await way();
        return false;
      } catch (error) {
        refused ||= failureOf(error).kind === 'content';
        log.warn({ err: error, user, channel }, `${what} goes another way, or is lost`);
      }
    }
    return refused;
  };
  const send = async (message: Message) => {
    // Its text says the same: better without its looks than not at all.
    if (await isRefused(message, 'an answer'))
      await isRefused({ text: message.text }, 'the text of an answer');
  };
  return async (message: Message) => {
    await send(message);
    if (message.picture === undefined) return;
    const file = await context.pictures.fileOf(message.picture);
    if (file === null) return;
    const block = weeksPicture(message.picture, file);
    await send({ text: block.alt_text, blocks: [block] });
  };
}

/** Tries again when Slack does not take it now; the address is good for half an hour. */
async function respondWith(
  { seal }: HandlerContext,
  respond: (said: Parameters<RespondFn>[0]) => Promise<void>,
  message: { readonly text: string; readonly blocks: Message['blocks'] | undefined },
  inThread: { readonly thread_ts?: string },
): Promise<void> {
  const { text, blocks } = sealed(message, await seal());
  const only = { response_type: 'ephemeral', replace_original: false } as const;
  const said = { ...only, text, ...given({ blocks }), ...inThread };
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

/** Fails after a while: the address is asked without any limit of time. */
function inTime(respond: RespondFn, ms: number): (said: Parameters<RespondFn>[0]) => Promise<void> {
  return async (said) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new NoAnswer('nothing at the address that came with it')), ms);
    });
    await Promise.race([respond(said), late]).finally(() => clearTimeout(timer));
  };
}

/** It may have been taken all the same, so it is not tried there again. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Slack is busy or not there; everything else it refuses for good. */
function isPassing(error: unknown): boolean {
  if (error instanceof NoAnswer) return false;
  const status = (error as { readonly statusCode?: unknown } | null)?.statusCode;
  return typeof status !== 'number' || status === 429 || status >= 500;
}
