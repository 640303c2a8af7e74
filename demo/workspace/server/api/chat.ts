import { z } from 'zod';
import type { Core } from '../core.ts';
import { slackMessage } from '../payloads/format.ts';
import type { Message } from '../state/model.ts';
import { checkContent, refusal } from '../strict/content.ts';
import type { JsonObject } from '../strict/json.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { flag, json, method, readableChannel, text, textOptional, writableChannel } from './method.ts';

const contents = {
  channel: text,
  text: textOptional,
  blocks: json,
  attachments: json,
  markdown_text: textOptional,
  as_user: flag,
  link_names: flag,
  parse: z.enum(['full', 'none']).optional(),
};

const authorship = { username: textOptional, icon_emoji: textOptional, icon_url: textOptional };

type Contents = {
  readonly text?: string | undefined;
  readonly blocks?: unknown;
  readonly attachments?: unknown;
  readonly markdown_text?: string | undefined;
  readonly metadata?: unknown;
};

function writeScopes(_core: Core, args: JsonObject): string[] {
  const custom = ['username', 'icon_emoji', 'icon_url'].some((key) => args[key] !== undefined);
  return custom ? ['chat:write', 'chat:write.customize'] : ['chat:write'];
}

/** Checks and brings into the form of a draft. `markdown_text` is shown as a markdown block. */
function content(core: Core, args: Contents, kind: 'post' | 'update') {
  if (args.markdown_text !== undefined && (args.text !== undefined || args.blocks !== undefined)) {
    throw new SlackError('markdown_text_conflict');
  }
  const markdown = args.markdown_text;
  const given =
    markdown === undefined
      ? { text: args.text, blocks: args.blocks, attachments: args.attachments, metadata: args.metadata }
      : { text: markdown, blocks: [{ type: 'markdown', text: markdown }], metadata: args.metadata };
  checkContent(given, kind, core.strictness);
  checkImages(core, given.blocks);
  return {
    text: given.text,
    blocks: given.blocks as readonly unknown[] | undefined,
    attachments: given.attachments as readonly unknown[] | undefined,
    metadata: given.metadata as Message['metadata'],
  };
}

/** An image of Slack's has to be one, looked through, and the app has to see it. */
function checkImages(core: Core, blocks: unknown): void {
  const listed = z
    .array(z.looseObject({ slack_file: z.looseObject({ id: z.string() }).optional() }))
    .safeParse(blocks);
  for (const [index, { slack_file: named }] of (listed.data ?? []).entries()) {
    if (named === undefined) continue;
    const file = core.store.files.get(named.id);
    const isImage = file?.state === 'complete' && file.mimetype.startsWith('image/');
    if (!isImage || Date.now() < file.lookedThroughAt) {
      throw refusal('invalid_blocks', [
        { message: 'invalid slack file', pointer: `/blocks/${index}/slack_file` },
      ]);
    }
  }
}

function ownMessage(core: Core, channelId: string, ts: string, refusal: string): Message {
  const message = readableChannel(core, channelId).messages.get(ts);
  if (message === undefined) throw new SlackError('message_not_found');
  if (message.user !== core.store.identity.botUser) throw new SlackError(refusal);
  return message;
}

export const chatMethods: Methods = {
  'chat.postMessage': method({
    scopes: writeScopes,
    args: {
      ...contents,
      ...authorship,
      metadata: json,
      mrkdwn: flag,
      reply_broadcast: flag,
      thread_ts: textOptional,
      unfurl_links: flag,
      unfurl_media: flag,
    },
    run: (core, args) => {
      const channel = writableChannel(core, args.channel);
      const { text: said = '', ...rest } = content(core, args, 'post');
      const message = core.store.post({
        channel: channel.id,
        user: core.store.identity.botUser,
        text: said,
        ...rest,
        threadTs: args.thread_ts,
        broadcast: args.reply_broadcast,
      });
      return { channel: channel.id, ts: message.ts, message: slackMessage(core, message, true) };
    },
  }),

  'chat.update': method({
    scopes: ['chat:write'],
    args: { ...contents, ts: text, metadata: json, file_ids: json, reply_broadcast: flag },
    run: (core, args) => {
      const message = ownMessage(core, args.channel, args.ts, 'cant_update_message');
      const change = content(core, args, 'update');
      const textChanged = change.text !== undefined && change.text !== message.text;
      core.store.edit(message, change, textChanged ? core.store.identity.botUser : undefined);
      if (args.reply_broadcast === true) message.broadcast = true;
      return {
        channel: message.channel,
        ts: message.ts,
        text: message.text,
        message: slackMessage(core, message, true),
      };
    },
  }),

  'chat.delete': method({
    scopes: ['chat:write'],
    args: { channel: text, ts: text, as_user: flag },
    run: (core, args) => {
      const message = ownMessage(core, args.channel, args.ts, 'cant_delete_message');
      core.store.delete(message);
      return { channel: message.channel, ts: message.ts };
    },
  }),

  'chat.postEphemeral': method({
    scopes: writeScopes,
    args: { ...contents, ...authorship, user: text, thread_ts: textOptional },
    run: (core, args) => {
      const channel = writableChannel(core, args.channel);
      if (!channel.members.has(args.user)) throw new SlackError('user_not_in_channel');
      const { text: said = '', ...rest } = content(core, args, 'post');
      const message = core.store.post({
        channel: channel.id,
        user: core.store.identity.botUser,
        text: said,
        ...rest,
        threadTs: args.thread_ts,
        ephemeralTo: args.user,
      });
      return { message_ts: message.ts };
    },
  }),

  'chat.getPermalink': method({
    args: { channel: text, message_ts: text },
    run: (core, args) => {
      const channel = readableChannel(core, args.channel);
      const message = channel.messages.get(args.message_ts);
      if (message === undefined) throw new SlackError('message_not_found');
      return { channel: channel.id, permalink: permalink(core, message) };
    },
  }),
};

/** Where the page shows a message. */
function permalink(core: Core, message: Message): string {
  const { channel, ts, thread_ts: threadTs } = message;
  const thread = threadTs === undefined || threadTs === ts ? '' : `?thread_ts=${threadTs}&cid=${channel}`;
  return `${core.address.url}/archives/${channel}/p${ts.replace('.', '')}${thread}`;
}
