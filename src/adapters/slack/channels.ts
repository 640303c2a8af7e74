import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { slackCode } from './errors.ts';
import { installationOf } from './identity/installation.ts';
import { type Workspace, Workspaces } from './identity/workspaces.ts';

const Page = z.looseObject({
  channels: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

const ID = /^[CGD][A-Z0-9]{2,}$/;
/** 20,000 channels; who has more gives the id in the config. */
const MOST_PAGES = 20;
/** A name that is in no list is looked for in that of the whole workspace again after this long, in ms. */
const LOOK_AGAIN_MS = 3_600_000;
/** The bot may be invited meanwhile: how long the sentence of a refused name is good, in ms. */
const REFUSED_MS = 600_000;

type List = 'users.conversations' | 'conversations.list';

/**
 * Ids of channels by name. Posting takes a name, but looking for what was posted does not: the id has to be
 * known before the first post. A channel keeps its id when it is renamed, so what was found stays found.
 *
 * Where the app is installed in a whole organisation no channel is found by its name: each workspace may have one of
 * that name, and whoever makes it decides who is in it.
 */
export class Channels {
  readonly #client: WebClient;
  readonly #now: () => number;
  readonly #workspaces: Workspaces;
  readonly #ids = new Map<string, string>();
  /** When a name was not found in the whole workspace, ms since the epoch. */
  readonly #missed = new Map<string, number>();
  /** Why a name is refused in an organisation, and when that was found. */
  readonly #refused = new Map<string, { readonly refusal: Refusal; readonly at: number }>();

  constructor(client: WebClient, now: () => number = Date.now) {
    this.#client = client;
    this.#now = now;
    this.#workspaces = new Workspaces(client, now);
  }

  /**
   * The id; the name itself where the app may not list channels. Null: no such channel that the bot can see. Refusal
   * `channel-by-name` for a name in an organisation, with the ids of those that the bot is in.
   */
  async idOf(channel: string): Promise<string | null> {
    if (ID.test(channel)) return channel;
    const name = channel.replace(/^#/, '');
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const { enterprise } = await installationOf(this.#client)();
    if (enterprise !== undefined) throw await this.#refusal(name);
    try {
      // Those that the bot is in are few, and it can post to no others: there may be 20,000 in the workspace.
      const id = (await this.#find(name, 'users.conversations', {})) ?? (await this.#inWorkspace(name));
      if (id !== null) this.#ids.set(name, id);
      return id;
    } catch (error) {
      if (slackCode(error) === 'missing_scope') return channel;
      throw error;
    }
  }

  async #inWorkspace(name: string): Promise<string | null> {
    const missed = this.#missed.get(name);
    if (missed !== undefined && this.#now() < missed + LOOK_AGAIN_MS) return null;
    const id = await this.#find(name, 'conversations.list', {});
    if (id === null) this.#missed.set(name, this.#now());
    return id;
  }

  async #refusal(name: string): Promise<Refusal> {
    const known = this.#refused.get(name);
    if (known !== undefined && this.#now() < known.at + REFUSED_MS) return known.refusal;
    const ask = async (of: Workspace) => {
      const id = await this.#find(name, 'users.conversations', of);
      return id === null ? [] : [`${id} of the workspace ${of.team_id ?? ''}`];
    };
    const found = await this.#workspaces.all(ask).catch((error: unknown) => {
      if (slackCode(error) === 'missing_scope') return [];
      throw error;
    });
    const refusal = new Refusal('channel-by-name', { channel: `#${name}`, found: found.flat() });
    this.#refused.set(name, { refusal, at: this.#now() });
    return refusal;
  }

  async #find(name: string, list: List, of: Workspace): Promise<string | null> {
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked = {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: 1_000,
        ...of,
        ...(cursor ? { cursor } : {}),
      };
      const { users, conversations } = this.#client;
      const answer = Page.parse(
        list === 'users.conversations' ? await users.conversations(asked) : await conversations.list(asked),
      );
      const found = answer.channels.find((one) => one.name === name);
      if (found) return found.id;
      cursor = answer.response_metadata?.next_cursor || undefined;
      if (cursor === undefined) return null;
    }
    return null;
  }
}
