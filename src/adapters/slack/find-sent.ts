import type { Calls } from './calls.ts';

/**
 * chat.postMessage has no idempotency key. So every message carries what it is in its metadata, and every file
 * in its name; before something is sent that may have been sent before, it is looked for.
 */
export const CARD_EVENT = 'slipway_card';
export const NOTICE_EVENT = 'slipway_notice';

/** Clocks of Slack and of this machine may differ by so much, in ms. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** The ts of the card that was posted for a promotion, or null. */
export async function findCard(
  calls: Calls,
  channel: string,
  promotion: { readonly id: string; readonly createdAt: number },
): Promise<string | null> {
  for await (const message of calls.history(channel, promotion.createdAt - CLOCK_SKEW_MS)) {
    const { metadata } = message;
    if (metadata?.event_type === CARD_EVENT && metadata.event_payload.promotion === promotion.id)
      return message.ts;
  }
  return null;
}

/** What a thread already holds. */
export interface Sent {
  /** ts by notice key */
  readonly notices: ReadonlyMap<string, string>;
  readonly files: ReadonlySet<string>;
}

export async function findReplies(
  calls: Calls,
  channel: string,
  ts: string,
  promotion: string,
): Promise<Sent> {
  const notices = new Map<string, string>();
  const files = new Set<string>();
  for await (const message of calls.replies(channel, ts)) {
    const { metadata } = message;
    const key = metadata?.event_payload.key;
    if (
      metadata?.event_type === NOTICE_EVENT &&
      metadata.event_payload.promotion === promotion &&
      key !== undefined
    ) {
      if (!notices.has(key)) notices.set(key, message.ts);
    }
    for (const file of message.files ?? []) if (file.name) files.add(file.name);
  }
  return { notices, files };
}
