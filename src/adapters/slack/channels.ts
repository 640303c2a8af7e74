import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { slackCode } from './errors.ts';
import { installationOf } from './identity/installation.ts';
import { type Workspace, Workspaces } from './identity/workspaces.ts';
import { RecentAnswers } from './recent-answers.ts';

const ListPage = z.looseObject({
  channels: z.array(z.looseObject({ id: z.string(), name: z.string().optional() })).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

const ID = /^[CGD][A-Z0-9]{2,}$/;
/** 20,000 channels; who has more gives the id in the config. */
const MOST_PAGES = 20;
/** A name that is in no list is looked for in that of the whole workspace again after this long, in ms. */
const LOOK_AGAIN_MS = 3_600_000;
/** How long it is not asked again which channels have another id, ms, and how often one gets another. */
const KEEP_MOVED_MS = 2_000;
const MOST_MOVES = 5;
/** The bot may be invited meanwhile: how long the sentence of a refused name is good, in ms. */
const REFUSED_MS = 600_000;

/** Channels of a page; Slack takes no more. */
const PAGE = 999;

type List = 'users.conversations' | 'conversations.list';
type Page = z.infer<typeof ListPage>;
type Question = Workspace & { readonly user?: string };

/** A list that is being looked through, page by page, by so many at once. */
interface OpenList {
  readonly pages: Promise<Page>[];
  readers: number;
}

/** The id that a channel has now. It is the same one, whoever is in it: a shared one may be shared in another way later. */
export function idNow(id: string, moved: ReadonlyMap<string, string>): string {
  let now = id;
  for (let step = 0; step < MOST_MOVES; step += 1) now = moved.get(now) ?? now;
  return now;
}

/**
 * Ids of channels by name. Posting takes a name, but looking for what was posted does not: the id has to be
 * known before the first post. A channel keeps its id when it is renamed, so what was found stays found. A private one
 * that is shared with others gets another id, which Slack says.
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

  readonly #moved: () => Promise<ReadonlyMap<string, string>>;
  readonly #lists = new Map<string, OpenList>();

  /** `moved`: the ids that channels got, by those that they had. */
  constructor(
    client: WebClient,
    now: () => number = Date.now,
    moved: () => Promise<ReadonlyMap<string, string>> = async () => new Map(),
  ) {
    this.#client = client;
    this.#now = now;
    const recent = new RecentAnswers(now, KEEP_MOVED_MS);
    this.#moved = () => recent.get('moved', moved);
    this.#workspaces = new Workspaces(client, now);
  }

  /**
   * The id; the name itself where the app may not list channels. Null: no such channel that the bot can see. Refusal
   * `channel-by-name` for a name in an organisation, with the ids of those that the bot is in.
   */
  async idOf(channel: string): Promise<string | null> {
    const id = ID.test(channel) ? channel : await this.#named(channel);
    if (id === null) return null;
    return idNow(id, await this.#moved());
  }

  async #named(channel: string): Promise<string | null> {
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

  /** Those that somebody is in, as far as the bot may know: public ones, and private ones that it is in too. */
  async of(user: string): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for await (const { channels } of this.#pages('users.conversations', { user }))
      for (const { id } of channels) ids.add(id);
    return ids;
  }

  async #find(name: string, method: List, of: Workspace): Promise<string | null> {
    for await (const { channels } of this.#pages(method, of)) {
      const found = channels.find((one) => one.name === name);
      if (found) return found.id;
    }
    return null;
  }

  /** The pages of a list. Whoever looks through it at the same time shares them: a hundred names are found in one list. */
  async *#pages(method: List, asked: Question): AsyncGenerator<Page> {
    const key = `${method} ${JSON.stringify(asked)}`;
    const list = this.#lists.get(key) ?? { pages: [], readers: 0 };
    this.#lists.set(key, list);
    list.readers += 1;
    try {
      let cursor: string | undefined;
      for (let index = 0; index < MOST_PAGES; index += 1) {
        const asking = list.pages[index] ?? this.#page(method, asked, cursor);
        list.pages[index] = asking;
        const page = await asking;
        yield page;
        cursor = page.response_metadata?.next_cursor || undefined;
        if (cursor === undefined) return;
      }
    } finally {
      list.readers -= 1;
      if (list.readers === 0) this.#lists.delete(key);
    }
  }

  async #page(method: List, asked: Question, cursor: string | undefined): Promise<Page> {
    const { users, conversations } = this.#client;
    const page = {
      types: 'public_channel,private_channel',
      exclude_archived: true,
      limit: PAGE,
      ...asked,
      ...(cursor ? { cursor } : {}),
    };
    return ListPage.parse(
      method === 'users.conversations' ? await users.conversations(page) : await conversations.list(page),
    );
  }
}
