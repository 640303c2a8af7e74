import { z } from 'zod';
import type { Core } from '../core.ts';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';

/** One method of the Web API. */
export interface Method {
  readonly token: 'bot' | 'app' | 'any' | 'none';
  /** What the bot token must be allowed to do; may depend on the arguments. */
  readonly scopes: (core: Core, args: JsonObject) => readonly string[];
  readonly shape: z.ZodObject;
  readonly run: (core: Core, args: JsonObject) => JsonObject | Promise<JsonObject>;
}

export type Methods = Readonly<Record<string, Method>>;

/** Declares a method. Arguments arrive checked by `shape`; the answer's `ok: true` is added by the router. */
export function method<Shape extends z.ZodRawShape>(declared: {
  readonly token?: Method['token'];
  readonly scopes?:
    | readonly string[]
    | ((core: Core, args: z.output<z.ZodObject<Shape>>) => readonly string[]);
  readonly args: Shape;
  readonly run: (core: Core, args: z.output<z.ZodObject<Shape>>) => JsonObject | Promise<JsonObject>;
}): Method {
  const { scopes = [] } = declared;
  type Args = z.output<z.ZodObject<Shape>>;
  return {
    token: declared.token ?? 'bot',
    scopes: (core, args) => (typeof scopes === 'function' ? scopes(core, args as Args) : scopes),
    shape: z.object(declared.args),
    run: (core, args) => declared.run(core, args as Args),
  };
}

/** Arguments come as form fields, so as text, or as JSON. */
export const text = z.string();
export const textOptional = z.string().optional();
export const flag = z.preprocess(
  (value) =>
    value === 'true' || value === '1' || value === 1
      ? true
      : value === 'false' || value === '0' || value === 0
        ? false
        : value,
  z.boolean().optional(),
);
export const count = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
  z.number().int().nonnegative().optional(),
);
/** Any JSON value; text is parsed. What is not JSON stays text, for the method to refuse in its own words. */
export const json = z.preprocess((value) => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}, z.unknown());

/** The channel a bot may speak in. */
export function writableChannel(core: Core, idOrName: string) {
  const { store, scopes } = core;
  const bot = store.identity.botUser;
  const channel = store.users.has(idOrName) ? store.directMessage(bot, idOrName) : store.channel(idOrName);
  if (channel.kind !== 'public' && !channel.members.has(bot)) throw new SlackError('channel_not_found');
  if (channel.kind === 'im' && core.manifest.messagesTab === 'off') {
    throw new SlackError('messages_tab_disabled');
  }
  if (channel.archived) throw new SlackError('is_archived');
  if (!channel.members.has(bot) && !scopes.has('chat:write.public')) throw new SlackError('not_in_channel');
  return channel;
}

/** The channel a bot may read. */
export function readableChannel(core: Core, id: string) {
  const channel = core.store.channels.get(id);
  const member = channel?.members.has(core.store.identity.botUser) ?? false;
  if (channel === undefined || (channel.kind !== 'public' && !member)) {
    throw new SlackError('channel_not_found');
  }
  return channel;
}

/** `channels:history`, `groups:history` or `im:history`, as the channel asks for. */
export function scopeFor(core: Core, channelId: string, what: 'history' | 'read' | 'write'): string {
  const kind = core.store.findChannel(channelId)?.kind ?? 'public';
  const prefix = kind === 'public' ? 'channels' : kind === 'private' ? 'groups' : 'im';
  return `${prefix}:${what}`;
}

/** A slice of a list with Slack's cursor. */
export function page<T>(
  all: readonly T[],
  args: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  standard: number,
): { readonly items: readonly T[]; readonly nextCursor: string } {
  const limit = args.limit === undefined || args.limit === 0 ? standard : args.limit;
  if (limit > 1000) throw new SlackError('invalid_limit');
  const start = args.cursor === undefined || args.cursor === '' ? 0 : decodeCursor(args.cursor);
  const end = start + limit;
  return {
    items: all.slice(start, end),
    nextCursor: end < all.length ? Buffer.from(`next:${end}`).toString('base64') : '',
  };
}

function decodeCursor(cursor: string): number {
  const match = /^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString());
  if (match === null) throw new SlackError('invalid_cursor');
  return Number(match[1]);
}
