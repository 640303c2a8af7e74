import { setTimeout as pause } from 'node:timers/promises';
import type { WebAPICallResult } from '@slack/web-api';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { type ClientSettings, SealingClient } from './client.ts';
import { failureOf, isNotTaken } from './errors.ts';

const MINUTE = 60_000;
const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 5_000;
/** After it, each time four times as long: a handful of messages in all where Slack takes them and does not say so. */
const FIRST_PAUSE_IN_DOUBT_MS = 1_000;

const POST = 'chat.postMessage';

/**
 * How long a call is still of use to the person whom it is for, in ms: forms open within three seconds of the click,
 * other ways to say something are there for an answer that only one person sees, and a message is worth being late.
 */
const USEFUL_MS: Readonly<Record<string, number>> = {
  'views.open': 2_500,
  'views.update': 2_500,
  'chat.postEphemeral': MINUTE,
  [POST]: 15 * MINUTE,
};

/**
 * The client for what is said to people at once, outside of the outbox: a call that Slack does not take now is made
 * again for as long as it is of use. A message in a channel is posted again only where Slack cannot have taken it; one to a
 * person in doubt too, as twice is better than never. Throws Unavailable when that time is over, or nobody can tell.
 */
export class PatientClient extends SealingClient {
  readonly #usefulMs: Readonly<Record<string, number>>;

  constructor(token: string, settings: ClientSettings, usefulMs = USEFUL_MS) {
    super(token, settings);
    this.#usefulMs = usefulMs;
  }

  override async apiCall(method: string, options?: Record<string, unknown>): Promise<WebAPICallResult> {
    const useful = this.#usefulMs[method];
    if (useful === undefined) return super.apiCall(method, options);
    const deadline = performance.now() + useful;
    for (let failures = 0; ; failures++) {
      try {
        return await super.apiCall(method, options);
      } catch (error) {
        const failure = failureOf(error);
        if (failure.kind !== 'wait' && failure.kind !== 'down') throw error;
        const isInDoubt = method === POST && failure.kind !== 'wait' && !isNotTaken(error);
        const isLost = isInDoubt && !isPerson(options?.['channel']);
        const backoff = isInDoubt
          ? FIRST_PAUSE_IN_DOUBT_MS * 4 ** failures
          : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
        const ms = failure.kind === 'wait' ? failure.ms : backoff;
        if (isLost || performance.now() + ms > deadline)
          throw new Unavailable('Slack', 'it does not take this now', {
            cause: error,
            ...(failure.kind === 'wait' ? { retryAfterMs: ms } : {}),
          });
        await pause(ms, undefined, { ref: false });
      }
    }
  }
}

/** A member, or the direct messages with one. */
function isPerson(channel: unknown): boolean {
  return typeof channel === 'string' && /^[UWD]/.test(channel);
}
