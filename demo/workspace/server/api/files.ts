import { z } from 'zod';
import { slackFile } from '../payloads/format.ts';
import { kindOfFile } from '../state/file-kinds.ts';
import type { FileRecord } from '../state/model.ts';
import { checkContent, refusal } from '../strict/content.ts';
import { SlackError } from '../strict/slack-error.ts';
import type { Methods } from './method.ts';
import { count, json, method, text, textOptional, writableChannel } from './method.ts';

const Uploaded = z.array(
  z.strictObject({ id: z.string(), title: z.string().optional(), highlight_type: z.string().optional() }),
);

/** Behind the answer, Slack looks through what it was given. */
const LOOKS_THROUGH_MS = 400;

export const fileMethods: Methods = {
  'files.getUploadURLExternal': method({
    scopes: ['files:write'],
    args: {
      /** The SDK sends it; Slack reads `alt_txt`. */
      alt_text: textOptional,
      alt_txt: textOptional,
      filename: text,
      length: count,
      snippet_type: textOptional,
    },
    run: (core, args) => {
      if (args.length === undefined || args.length === 0) {
        throw refusal('invalid_arguments', [{ message: 'missing required field: length', pointer: '' }]);
      }
      const alt = args.alt_txt;
      if (alt !== undefined && alt.length > 1_000) throw new SlackError('alt_txt_too_large');
      const file: FileRecord = {
        id: core.ids.next('F'),
        name: args.filename,
        title: args.filename,
        ...kindOfFile(args.filename),
        size: args.length,
        user: core.store.identity.botUser,
        created: core.ids.seconds(),
        bytes: Buffer.alloc(0),
        channels: new Set(),
        state: 'pending',
        lookedThroughAt: Number.POSITIVE_INFINITY,
        ...(alt === undefined ? {} : { altText: alt }),
      };
      core.store.files.set(file.id, file);
      return { file_id: file.id, upload_url: `${core.address.url}/upload/v1/${file.id}` };
    },
  }),

  'files.completeUploadExternal': method({
    scopes: ['files:write'],
    args: {
      blocks: json,
      channel_id: textOptional,
      channels: textOptional,
      files: json,
      initial_comment: textOptional,
      thread_ts: textOptional,
    },
    run: (core, args) => {
      const listed = Uploaded.safeParse(args.files);
      if (!listed.success || listed.data.length === 0) {
        throw refusal('invalid_arguments', [
          { message: 'must provide an array of files', pointer: '/files' },
        ]);
      }
      const files = listed.data.map(({ id, title }) => {
        const file = core.store.files.get(id);
        if (file === undefined) throw new SlackError('file_not_found');
        if (file.state === 'pending') throw new SlackError('file_update_failed');
        return { file, title };
      });
      const names = args.channel_id ?? args.channels ?? '';
      const channels = names
        .split(',')
        .filter((name) => name !== '')
        .map((name) => writableChannel(core, name));
      const comment = args.initial_comment ?? '';
      if (args.blocks !== undefined)
        checkContent({ text: comment || 'file', blocks: args.blocks }, 'post', core.strictness);
      for (const { file, title } of files) {
        file.state = 'complete';
        file.lookedThroughAt = Date.now() + LOOKS_THROUGH_MS;
        if (title !== undefined) file.title = title;
      }
      const share = () => {
        for (const { file } of files) for (const channel of channels) file.channels.add(channel.id);
        for (const channel of channels) {
          core.store.post({
            channel: channel.id,
            user: core.store.identity.botUser,
            text: comment,
            blocks: comment === '' ? (args.blocks as readonly unknown[] | undefined) : undefined,
            threadTs: args.thread_ts,
            files: files.map(({ file }) => file),
          });
        }
      };
      const { shareDelayMs, losesDescribedFiles } = core.faults;
      const isLost = losesDescribedFiles && files.some(({ file }) => file.altText !== undefined);
      if (shareDelayMs > 0 && !isLost) setTimeout(share, shareDelayMs).unref();
      else if (!isLost) share();
      return { files: files.map(({ file }) => slackFile(core, file)) };
    },
  }),

  'files.info': method({
    scopes: ['files:read'],
    args: { cursor: textOptional, file: text, limit: count },
    run: (core, args) => {
      const file = core.store.files.get(args.file);
      if (file === undefined || file.state !== 'complete') throw new SlackError('file_not_found');
      return { file: slackFile(core, file), comments: [] };
    },
  }),
};
