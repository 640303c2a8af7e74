import type { Logger } from 'pino';
import type { Calls, TimeRange } from './calls.ts';
import type { Delivery, Unrecorded } from './delivery.ts';
import { failureOf, slackCode } from './errors.ts';
import type { Thread } from './port.ts';

/**
 * chat.postMessage has no idempotency key. So every message carries what it is in its metadata, and every file
 * in its name; before something is sent that may have been sent before, it is looked for in the moments after the
 * attempt: apps that are not internal get fifteen messages a minute.
 *
 * @see https://docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps
 */
export const CARD_EVENT = 'slipway_card';
export const NOTICE_EVENT = 'slipway_notice';
export const PROMPT_EVENT = 'slipway_prompt';

/** How much a clock may have moved since it was compared with Slack's, and how much when it never was. In ms. */
const DRIFT_MS = 15_000;
const UNKNOWN_DRIFT_MS = 60_000;
/** A call that got no answer may have been heard until it was given up. In ms. */
const LONGEST_CALL_MS = 10_000;

/**
 * When Slack may have shown what was attempted then. `ahead`: its clock against ours; null when it is not known. `late`:
 * how long it takes to show what it was given. In ms.
 */
export function timeOf(attemptedAt: number, ahead: number | null, late = 0): TimeRange {
  const at = attemptedAt + (ahead ?? 0);
  const drift = ahead === null ? UNKNOWN_DRIFT_MS : DRIFT_MS;
  return { oldestMs: at - drift, latestMs: at + drift + LONGEST_CALL_MS + late };
}

/** The ts of the card that was posted for a promotion, or null. */
export async function findCard(
  calls: Calls,
  channel: string,
  promotion: string,
  within: TimeRange,
): Promise<string | null> {
  for await (const { ts, metadata } of calls.history(channel, within))
    if (metadata?.event_type === CARD_EVENT && metadata.event_payload.promotion === promotion) return ts;
  return null;
}

/** The ts of the message that was posted for a prompt, or null. */
export async function findPrompt(
  calls: Calls,
  channel: string,
  key: string,
  within: TimeRange,
): Promise<string | null> {
  for await (const { ts, metadata } of calls.history(channel, within))
    if (metadata?.event_type === PROMPT_EVENT && metadata.event_payload.key === key) return ts;
  return null;
}

/** A thread, and when to look. */
export interface ThreadMoment {
  readonly channel: string;
  /** Of the card. */
  readonly ts: string;
  readonly within: TimeRange;
}

/** The ts of the message that was sent for a notice, or null. */
export async function findNotice(
  calls: Calls,
  { channel, ts: root, within }: ThreadMoment,
  sought: { readonly promotion?: string; readonly key: string; readonly event?: string },
): Promise<string | null> {
  for await (const { ts, metadata } of calls.replies(channel, root, within)) {
    if (metadata?.event_type !== (sought.event ?? NOTICE_EVENT)) continue;
    const { promotion, key } = metadata.event_payload;
    if (promotion === sought.promotion && key === sought.key) return ts;
  }
  return null;
}

/** Whether a file of that name is in a thread. */
export async function findFile(
  calls: Calls,
  { channel, ts, within }: ThreadMoment,
  name: string,
): Promise<boolean> {
  for await (const { files = [] } of calls.replies(channel, ts, within))
    if (files.some((file) => file.name === name)) return true;
  return false;
}

/** Without the scope to look, a message that may appear twice is better than one that never comes. */
export async function orNull<T>(log: Logger, look: () => Promise<T>): Promise<T | null> {
  try {
    return await look();
  } catch (error) {
    if (slackCode(error) !== 'missing_scope') throw error;
    log.error('the app lacks channels:history or groups:history: after a crash messages may appear twice');
    return null;
  }
}

/** Records what was posted. What could not be recorded is kept in mind, as another process may post it as well. */
export async function recorded(
  delivery: Delivery,
  promotion: string,
  posted: Unrecorded,
  record: () => Promise<void>,
): Promise<void> {
  try {
    await record();
  } catch (error) {
    delivery.unrecorded.set(promotion, [...(delivery.unrecorded.get(promotion) ?? []), posted]);
    throw error;
  }
}

/**
 * Deletes what this process has posted and another one too, which took the thread over in between: this one was frozen or cut off
 * when its call was under way. What nobody has recorded stays, and is found where it is looked for.
 */
export async function withdrawTwins(thread: Thread, delivery: Delivery): Promise<void> {
  const { id } = thread.promotion;
  for (const { what, channel, ts } of delivery.unrecorded.get(id) ?? []) {
    const known = what === 'card' ? thread.card.ts : await thread.sentAs(what);
    if (known === null || known === ts) continue;
    try {
      await delivery.calls.remove({ channel, ts });
      delivery.log.info({ promotion: id, ts }, 'what was posted by two processes is shown once');
    } catch (error) {
      const { kind, code } = failureOf(error);
      if (kind === 'down') throw error;
      if (kind !== 'gone')
        delivery.log.warn(
          { promotion: id, ts, code },
          'what was posted by two processes stays: Slack does not let the bot delete it',
        );
    }
  }
  delivery.unrecorded.delete(id);
}
