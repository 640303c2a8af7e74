import type { z } from 'zod';
import type { Core } from '../core.ts';
import { slackChannel, slackMessage } from '../payloads/format.ts';
import type { Channel, Message } from '../state/model.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { count, flag, method, page, readableChannel, scopeFor, text, textOptional } from './method.ts';

const timeline = {
  channel: text,
  cursor: textOptional,
  include_all_metadata: flag,
  inclusive: flag,
  latest: textOptional,
  limit: count,
  oldest: textOptional,
};

function within(
  message: Message,
  args: {
    readonly oldest?: string | undefined;
    readonly latest?: string | undefined;
    readonly inclusive?: boolean | undefined;
  },
): boolean {
  const { oldest = '0', latest = '9999999999', inclusive = false } = args;
  const ts = Number(message.ts);
  return inclusive
    ? ts >= Number(oldest) && ts <= Number(latest)
    : ts > Number(oldest) && ts < Number(latest);
}

/** At most fifteen messages for apps that are not internal. */
function ofHistory<T extends { readonly limit?: number | undefined }>(core: Core, args: T): T {
  const most = core.faults.scarceHistory ? 15 : Number.POSITIVE_INFINITY;
  return (args.limit ?? Number.POSITIVE_INFINITY) > most ? { ...args, limit: most } : args;
}

function memberChannel(core: Core, id: string) {
  const channel = readableChannel(core, id);
  if (!channel.members.has(core.store.identity.botUser)) throw new SlackError('not_in_channel');
  return channel;
}

const listScopes = (types: string): string[] =>
  types.split(',').map(
    (type) =>
      ({
        public_channel: 'channels:read',
        private_channel: 'groups:read',
        im: 'im:read',
        mpim: 'mpim:read',
      })[type.trim()] ?? 'channels:read',
  );

const listing = { cursor: textOptional, exclude_archived: flag, limit: count, types: textOptional };

/** Channels that the bot is in, and others that it may see; those of a person, which are private only where it is in too. */
function listed(
  core: Core,
  args: z.output<z.ZodObject<typeof listing>>,
  maySee: (channel: Channel) => boolean,
  user?: string,
) {
  const types = (args.types ?? 'public_channel').split(',').map((type) => type.trim());
  const kinds = { public_channel: 'public', private_channel: 'private', im: 'im', mpim: 'mpim' } as const;
  const wanted: string[] = types.map((type) => {
    const kind = kinds[type as keyof typeof kinds];
    if (kind === undefined) throw new SlackError('invalid_types');
    return kind;
  });
  const bot = core.store.identity.botUser;
  const all = [...core.store.channels.values()].filter(
    (channel) =>
      wanted.includes(channel.kind) &&
      (user === undefined
        ? maySee(channel) || channel.members.has(bot)
        : channel.members.has(user) && (channel.kind === 'public' || channel.members.has(bot))) &&
      !(args.exclude_archived === true && channel.archived),
  );
  const { items, nextCursor } = page(all, args, 100);
  return {
    channels: items.map((channel) => slackChannel(core, channel)),
    response_metadata: { next_cursor: nextCursor },
  };
}

export const conversationMethods: Methods = {
  'conversations.info': method({
    scopes: (core, args) => [scopeFor(core, args.channel, 'read')],
    args: { channel: text, include_locale: flag, include_num_members: flag },
    run: (core, args) => ({ channel: slackChannel(core, readableChannel(core, args.channel)) }),
  }),

  'conversations.list': method({
    scopes: (_core, args) => listScopes(args.types ?? 'public_channel'),
    args: listing,
    run: (core, args) => listed(core, args, (channel) => channel.kind === 'public'),
  }),

  'users.conversations': method({
    scopes: (_core, args) => listScopes(args.types ?? 'public_channel'),
    args: { ...listing, user: textOptional },
    run: (core, args) => listed(core, args, () => false, args.user),
  }),

  'conversations.history': method({
    scopes: (core, args) => [scopeFor(core, args.channel, 'history')],
    args: timeline,
    run: (core, args) => {
      const channel = memberChannel(core, args.channel);
      const found = core.store
        .timeline(channel)
        .filter((message) => within(message, args))
        .reverse();
      const { items, nextCursor } = page(found, ofHistory(core, args), 100);
      return {
        messages: items.map((message) => slackMessage(core, message, args.include_all_metadata === true)),
        has_more: nextCursor !== '',
        pin_count: channel.pins.length,
        ...(nextCursor === '' ? {} : { response_metadata: { next_cursor: nextCursor } }),
      };
    },
  }),

  'conversations.replies': method({
    scopes: (core, args) => [scopeFor(core, args.channel, 'history')],
    args: { ...timeline, ts: text },
    run: (core, args) => {
      const channel = memberChannel(core, args.channel);
      const asked = channel.messages.get(args.ts);
      if (asked === undefined) throw new SlackError('thread_not_found');
      const [parent, ...replies] = core.store.thread(channel, asked.thread_ts ?? asked.ts);
      const found = [
        ...(parent === undefined ? [] : [parent]),
        ...replies.filter((reply) => within(reply, args)),
      ];
      const { items, nextCursor } = page(found, ofHistory(core, args), 1000);
      return {
        messages: items.map((message) => slackMessage(core, message, args.include_all_metadata === true)),
        has_more: nextCursor !== '',
        ...(nextCursor === '' ? {} : { response_metadata: { next_cursor: nextCursor } }),
      };
    },
  }),

  'conversations.join': method({
    scopes: ['channels:join'],
    args: { channel: text },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel);
      if (channel.kind !== 'public') throw new SlackError('method_not_supported_for_channel_type');
      if (channel.archived) throw new SlackError('is_archived');
      core.store.join(channel, core.store.identity.botUser);
      return { channel: slackChannel(core, channel) };
    },
  }),

  'conversations.open': method({
    scopes: ['im:write'],
    args: { channel: textOptional, prevent_creation: flag, return_im: flag, users: textOptional },
    run: (core, args) => {
      if (args.channel !== undefined) {
        return { channel: slackChannel(core, readableChannel(core, args.channel)) };
      }
      const users = (args.users ?? '').split(',').filter((user) => user !== '');
      const [user] = users;
      if (user === undefined) throw new SlackError('users_list_not_supplied');
      if (users.length > 1) throw new SlackError('not_enough_users');
      if (core.store.user(user).deleted) throw new SlackError('user_disabled');
      const channel = core.store.directMessage(core.store.identity.botUser, user);
      return { channel: args.return_im === true ? slackChannel(core, channel) : { id: channel.id } };
    },
  }),

  'conversations.members': method({
    scopes: (core, args) => [scopeFor(core, args.channel, 'read')],
    args: { channel: text, cursor: textOptional, limit: count },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel);
      const { items, nextCursor } = page([...channel.members], args, 100);
      return { members: items, response_metadata: { next_cursor: nextCursor } };
    },
  }),
};
