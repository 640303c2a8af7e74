import type { JsonObject } from '../strict/json.ts';

/** Calls allowed in a minute, by Slack's tiers. Methods that are missing here are never limited. */
const PER_MINUTE: Readonly<Record<string, number>> = {
  'apps.connections.open': 20,
  'bookmarks.add': 20,
  'chat.delete': 50,
  'chat.postEphemeral': 100,
  'chat.update': 50,
  'conversations.history': 50,
  'conversations.info': 50,
  'conversations.list': 20,
  'conversations.members': 100,
  'conversations.replies': 50,
  'files.completeUploadExternal': 100,
  'files.getUploadURLExternal': 100,
  'pins.add': 20,
  'reactions.add': 50,
  'usergroups.list': 20,
  'usergroups.users.list': 20,
  'users.conversations': 50,
  'users.info': 100,
  'users.list': 20,
  'users.lookupByEmail': 50,
  'views.open': 100,
  'views.publish': 100,
  'views.update': 100,
};

/** chat.postMessage: one message a second and channel; a short burst is let through. */
const POST_BURST = 5;
const POST_WINDOW_MS = 5_000;

const HISTORIES = ['conversations.history', 'conversations.replies'];

/** Slack's own limits, kept as sliding windows. */
export class RateLimits {
  readonly #now: () => number;
  readonly #calls = new Map<string, number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts a call. Seconds to wait when it is one too many, else undefined. */
  count(method: string, args: JsonObject): number | undefined {
    if (method === 'chat.postMessage') {
      return this.#take(`${method} ${String(args['channel'])}`, POST_BURST, POST_WINDOW_MS);
    }
    const limit = PER_MINUTE[method];
    return limit === undefined ? undefined : this.#take(method, limit, 60_000);
  }

  /** Seconds to wait for a history, as apps have to that are not internal. */
  countHistory(method: string): number | undefined {
    return HISTORIES.includes(method) ? this.#take(`scarce ${method}`, 1, 60_000) : undefined;
  }

  #take(key: string, limit: number, windowMs: number): number | undefined {
    const now = this.#now();
    const recent = (this.#calls.get(key) ?? []).filter((at) => at > now - windowMs);
    this.#calls.set(key, recent);
    const [oldest] = recent;
    if (recent.length >= limit && oldest !== undefined) {
      return Math.max(1, Math.ceil((oldest + windowMs - now) / 1000));
    }
    recent.push(now);
    return undefined;
  }
}
