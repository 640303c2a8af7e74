import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { slackCode } from './errors.ts';

const Page = z.looseObject({
  channels: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

const ID = /^[CGD][A-Z0-9]{2,}$/;
const KEEP_MS = 10 * 60_000;
const MOST_PAGES = 20;

/**
 * Ids of channels by name. Posting takes a name, but looking for what was posted does not: the id has to be
 * known before the first post. Only channels that the bot is a member of have one here.
 */
export class Channels {
  readonly #client: WebClient;
  readonly #now: () => number;
  #ids = new Map<string, string>();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(client: WebClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** The id; the name itself where this Slack does not let the bot list its channels. Null: not a member. */
  async idOf(channel: string): Promise<string | null> {
    if (ID.test(channel)) return channel;
    const name = channel.replace(/^#/, '');
    const known = this.#ids.get(name);
    if (known !== undefined && this.#now() - this.#readAt < KEEP_MS) return known;
    try {
      this.#ids = await this.#read();
    } catch (error) {
      const code = slackCode(error);
      if (code === 'missing_scope' || code === 'unknown_method' || code === 'not_allowed_token_type')
        return channel;
      throw error;
    }
    this.#readAt = this.#now();
    return this.#ids.get(name) ?? null;
  }

  async #read(): Promise<Map<string, string>> {
    const ids = new Map<string, string>();
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = Page.parse(
        await this.#client.users.conversations({
          types: 'public_channel,private_channel',
          exclude_archived: true,
          limit: 500,
          ...(cursor ? { cursor } : {}),
        }),
      );
      for (const { id, name } of answer.channels) if (name !== undefined) ids.set(name, id);
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) break;
    }
    return ids;
  }
}
