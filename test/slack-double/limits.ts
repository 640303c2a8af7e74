/** Calls a minute, by the tiers of Slack's documentation; methods that are missing here are not limited. */
const TIERS: Readonly<Record<string, number>> = {
  'auth.test': 500,
  'bots.info': 50,
  'chat.postEphemeral': 100,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.list': 20,
  'conversations.members': 100,
  'conversations.replies': 50,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'files.info': 100,
  'usergroups.list': 20,
  'users.conversations': 50,
  'users.info': 100,
  'users.lookupByEmail': 50,
  'views.open': 100,
  'views.publish': 100,
  'views.update': 100,
};
/** Messages that a channel takes at once; then one a second. */
const BURST = 10;
const HISTORIES = ['conversations.history', 'conversations.replies'];
const MINUTE = 60_000;

/** @see https://docs.slack.dev/apis/web-api/rate-limits */
export class Limits {
  /** Histories as apps get them that are not internal: one call a minute. */
  scarceHistory = false;
  readonly #calls = new Map<string, number[]>();
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** Seconds to wait; 0 when the call is let through. */
  wait(method: string, channel: string): number {
    if (method === 'chat.postMessage') return this.#drop(channel);
    const limit = this.scarceHistory && HISTORIES.includes(method) ? 1 : TIERS[method];
    if (limit === undefined) return 0;
    const now = Date.now();
    const made = (this.#calls.get(method) ?? []).filter((at) => at > now - MINUTE);
    this.#calls.set(method, made);
    if (made.length < limit) {
      made.push(now);
      return 0;
    }
    return Math.max(1, Math.ceil(((made[0] ?? now) + MINUTE - now) / 1_000));
  }

  #drop(channel: string): number {
    const now = Date.now();
    const bucket = this.#buckets.get(channel) ?? { left: BURST, at: now };
    bucket.left = Math.min(BURST, bucket.left + (now - bucket.at) / 1_000);
    bucket.at = now;
    this.#buckets.set(channel, bucket);
    if (bucket.left < 1) return Math.max(1, Math.ceil(1 - bucket.left));
    bucket.left -= 1;
    return 0;
  }
}
