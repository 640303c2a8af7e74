import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { slackCode } from './errors.ts';

const Page = z.looseObject({
  channels: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

const ID = /^[CGD][A-Z0-9]{2,}$/;
/** 20,000 channels; who has more gives the id in the config. */
const MOST_PAGES = 20;

/**
 * Ids of channels by name. Posting takes a name, but looking for what was posted does not: the id has to be
 * known before the first post. A channel keeps its id when it is renamed, so what was found stays found.
 */
export class Channels {
  readonly #client: WebClient;
  readonly #ids = new Map<string, string>();

  constructor(client: WebClient) {
    this.#client = client;
  }

  /** The id; the name itself where the app may not list channels. Null: no such channel that the bot can see. */
  async idOf(channel: string): Promise<string | null> {
    if (ID.test(channel)) return channel;
    const name = channel.replace(/^#/, '');
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    try {
      const id = await this.#find(name);
      if (id !== null) this.#ids.set(name, id);
      return id;
    } catch (error) {
      if (slackCode(error) === 'missing_scope') return channel;
      throw error;
    }
  }

  async #find(name: string): Promise<string | null> {
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = Page.parse(
        await this.#client.conversations.list({
          types: 'public_channel,private_channel',
          exclude_archived: true,
          limit: 1_000,
          ...(cursor ? { cursor } : {}),
        }),
      );
      const found = answer.channels.find((one) => one.name === name);
      if (found) return found.id;
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return null;
    }
    return null;
  }
}
