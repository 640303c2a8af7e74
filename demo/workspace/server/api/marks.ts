import type { PageBookmark } from '../../protocol/directory.ts';
import type { Core } from '../core.ts';
import { slackMessage } from '../payloads/format.ts';
import type { Channel, Message } from '../state/model.ts';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { method, readableChannel, text, textOptional } from './method.ts';

/** Reactions, pins and bookmarks. */

const EMOJI = /^[a-z0-9_+'-]+(::skin-tone-[2-6])?$/;

function target(core: Core, channelId: string, ts: string): { channel: Channel; message: Message } {
  const channel = readableChannel(core, channelId);
  if (!channel.members.has(core.store.identity.botUser)) throw new SlackError('not_in_channel');
  const message = channel.messages.get(ts);
  if (message === undefined) throw new SlackError('message_not_found');
  return { channel, message };
}

function slackBookmark(channel: Channel, bookmark: PageBookmark): JsonObject {
  return { ...bookmark, channel_id: channel.id, type: 'link' };
}

function bookmarkOf(channel: Channel, id: string): number {
  const index = channel.bookmarks.findIndex((bookmark) => bookmark.id === id);
  if (index === -1) throw new SlackError('not_found');
  return index;
}

export const markMethods: Methods = {
  'reactions.add': method({
    scopes: ['reactions:write'],
    args: { channel: text, name: text, timestamp: text },
    run: (core, args) => {
      if (!EMOJI.test(args.name)) throw new SlackError('invalid_name');
      const { message } = target(core, args.channel, args.timestamp);
      if (!core.store.react(message, core.store.identity.botUser, args.name, true)) {
        throw new SlackError('already_reacted');
      }
      return {};
    },
  }),

  'reactions.remove': method({
    scopes: ['reactions:write'],
    args: { channel: textOptional, file: textOptional, name: text, timestamp: textOptional },
    run: (core, args) => {
      const { message } = target(core, args.channel ?? '', args.timestamp ?? '');
      if (!core.store.react(message, core.store.identity.botUser, args.name, false)) {
        throw new SlackError('no_reaction');
      }
      return {};
    },
  }),

  'pins.add': method({
    scopes: ['pins:write'],
    args: { channel: text, timestamp: text },
    run: (core, args) => {
      const { channel, message } = target(core, args.channel, args.timestamp);
      if (channel.pins.includes(message.ts)) throw new SlackError('already_pinned');
      if (channel.pins.length >= 100) throw new SlackError('too_many_pins');
      channel.pins.push(message.ts);
      core.changes.emit({ kind: 'channel', channel });
      return {};
    },
  }),

  'pins.remove': method({
    scopes: ['pins:write'],
    args: { channel: text, timestamp: text },
    run: (core, args) => {
      const { channel, message } = target(core, args.channel, args.timestamp);
      const index = channel.pins.indexOf(message.ts);
      if (index === -1) throw new SlackError('no_pin');
      channel.pins.splice(index, 1);
      core.changes.emit({ kind: 'channel', channel });
      return {};
    },
  }),

  'pins.list': method({
    scopes: ['pins:read'],
    args: { channel: text },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel);
      return {
        items: channel.pins.map((ts) => ({
          type: 'message',
          channel: channel.id,
          created_by: core.store.identity.botUser,
          message: slackMessage(core, core.store.message(channel.id, ts), false),
        })),
      };
    },
  }),

  'bookmarks.add': method({
    scopes: ['bookmarks:write'],
    args: {
      access_level: textOptional,
      channel_id: text,
      emoji: textOptional,
      entity_id: textOptional,
      link: textOptional,
      parent_id: textOptional,
      title: text,
      type: text,
    },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel_id);
      if (!channel.members.has(core.store.identity.botUser)) throw new SlackError('not_in_channel');
      if (args.type !== 'link') throw new SlackError('invalid_bookmark_type');
      if (args.link === undefined || !/^https?:\/\//.test(args.link)) throw new SlackError('invalid_link');
      if (channel.bookmarks.length >= 100) throw new SlackError('too_many_bookmarks');
      const bookmark: PageBookmark = {
        id: core.ids.next('Bk'),
        title: args.title,
        link: args.link,
        ...(args.emoji === undefined ? {} : { emoji: args.emoji }),
      };
      channel.bookmarks.push(bookmark);
      core.changes.emit({ kind: 'channel', channel });
      return { bookmark: slackBookmark(channel, bookmark) };
    },
  }),

  'bookmarks.edit': method({
    scopes: ['bookmarks:write'],
    args: {
      bookmark_id: text,
      channel_id: text,
      emoji: textOptional,
      link: textOptional,
      title: textOptional,
    },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel_id);
      const index = bookmarkOf(channel, args.bookmark_id);
      const old = channel.bookmarks[index] as PageBookmark;
      const emoji = args.emoji ?? old.emoji;
      const bookmark: PageBookmark = {
        id: old.id,
        title: args.title ?? old.title,
        link: args.link ?? old.link,
        ...(emoji === undefined ? {} : { emoji }),
      };
      channel.bookmarks[index] = bookmark;
      core.changes.emit({ kind: 'channel', channel });
      return { bookmark: slackBookmark(channel, bookmark) };
    },
  }),

  'bookmarks.list': method({
    scopes: ['bookmarks:read'],
    args: { channel_id: text },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel_id);
      return { bookmarks: channel.bookmarks.map((bookmark) => slackBookmark(channel, bookmark)) };
    },
  }),

  'bookmarks.remove': method({
    scopes: ['bookmarks:write'],
    args: { bookmark_id: text, channel_id: text, quip_section_id: textOptional },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel_id);
      channel.bookmarks.splice(bookmarkOf(channel, args.bookmark_id), 1);
      core.changes.emit({ kind: 'channel', channel });
      return {};
    },
  }),
};
