import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import { promptMessage } from '../../blocks/replies/start.ts';
import type { StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import { Unavailable, whenRefused } from '../../domain/refusals/refusal.ts';
import { Calls, NotYet } from './calls.ts';
import { failureOf } from './errors.ts';
import { findNotice, findPrompt, orNull, PROMPT_EVENT, timeOf } from './find-sent.ts';
import type { PromptSender } from './port.ts';

const PERSON = /^[UW]/;

/** Sends prompts, each once: what a process may have posted before it died is looked for by its metadata. */
export function promptSender(settings: {
  readonly client: WebClient;
  readonly log: Logger;
  /** The id of a channel by its name; null where the bot is not in it. */
  readonly channelId: (name: string) => Promise<string | null>;
  /** Monotonic, ms. */
  elapsed(): number;
  /** Slack's clock against ours, in ms; null when it is not known. */
  clockAhead(): Promise<number | null>;
}): PromptSender {
  const { client, log, channelId } = settings;
  const calls = new Calls({ client, elapsed: settings.elapsed });

  const placeOf = async (name: string) => (PERSON.test(name) ? name : ((await channelId(name)) ?? name));

  /** Where it was posted by a process that died. What was said to one person cannot be looked for. */
  const postedBefore = async ({ key, place, attemptedAt }: StoredPrompt, channel: string) => {
    if (attemptedAt === null || PERSON.test(channel)) return null;
    const within = timeOf(attemptedAt, await settings.clockAhead());
    const { thread } = place;
    const ts = await orNull(log, () =>
      thread === undefined
        ? findPrompt(calls, channel, key, within)
        : findNotice(calls, { channel, ts: thread, within }, { key, event: PROMPT_EVENT }),
    );
    return ts === null ? null : { channel, ts };
  };

  const metadata = (key: string) => ({ event_type: PROMPT_EVENT, event_payload: { key } });

  return {
    post: async (stored) => {
      const { key, place, prompt, outcome } = stored;
      const channel = await placeOf(place.channel).catch(whenRefused(null));
      if (channel === null) {
        log.warn({ prompt: key, channel: place.channel }, 'a message with buttons names no one channel');
        return null;
      }
      const before = await postedBefore(stored, channel);
      if (before !== null) return before;
      const { text, blocks } = promptMessage(prompt, outcome);
      const inThread = place.thread === undefined ? {} : { thread_ts: place.thread };
      try {
        return await calls.post({ channel, ...inThread, text, blocks, metadata: metadata(key) });
      } catch (error) {
        const { kind, code } = failureOf(error);
        const isHopeless = kind === 'content' || kind === 'gone' || (kind === 'shut' && PERSON.test(channel));
        if (error instanceof NotYet)
          throw new Unavailable('Slack', 'it does not take this now', { retryAfterMs: error.ms });
        if (!isHopeless) throw error;
        log.warn({ prompt: key, channel, code }, 'a message with buttons cannot be delivered');
        return null;
      }
    },
    update: async ({ key, prompt, outcome, posted }) => {
      if (posted === null) return;
      const { text, blocks } = promptMessage(prompt, outcome);
      try {
        await calls.update({ ...posted, text, blocks, metadata: metadata(key) });
      } catch (error) {
        const { kind, code } = failureOf(error);
        // Somebody deleted it, or its workspace lets nobody edit what is older: then it stays as it is.
        if (kind !== 'gone' && kind !== 'content') throw error;
        log.warn({ prompt: key, code }, 'a message keeps buttons that decide nothing any more');
      }
    },
  };
}
