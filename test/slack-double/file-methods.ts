import type { Args, Method } from './method.ts';
import { APP, type SentFile, SlackNo, type State } from './state.ts';

/** Sharing goes on behind the answer, as on Slack: the answer names no channel yet. In ms. */
const SHARED_AFTER_MS = 300;
/** What kind of file it is Slack says later, too, and before then it can be in no block. */
const SEEN_AFTER_MS = 400;

/** @see https://docs.slack.dev/messaging/working-with-files */
export const fileMethods: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': {
    needs: ['filename', 'length'],
    run: (state, args) => {
      const alt = args['alt_txt'];
      if (typeof alt === 'string' && alt.length > 1_000) throw new SlackNo('alt_txt_too_large');
      const name = String(args['filename']);
      const file: SentFile = {
        id: state.id('F'),
        name,
        title: name,
        bytes: Buffer.alloc(0),
        isComplete: false,
        shares: new Map(),
        ...(typeof alt === 'string' ? { altText: alt } : {}),
      };
      state.files.set(file.id, file);
      return { file_id: file.id, upload_url: `${String(args['origin'])}/upload/v1/${file.id}` };
    },
  },
  'files.completeUploadExternal': { needs: ['files'], run: complete },
  'files.info': {
    needs: ['file'],
    run: (state, args) => {
      const file = state.files.get(String(args['file']));
      if (!file?.isComplete) throw new SlackNo('file_not_found');
      return { file: asSlack(file), comments: [] };
    },
  },
};

function complete(state: State, args: Args) {
  const given = args['files'] as readonly { readonly id: string; readonly title?: string }[];
  const files = given.map(({ id, title }) => {
    const file = state.files.get(id);
    if (!file) throw new SlackNo('file_not_found');
    if (file.bytes.length === 0) throw new SlackNo('file_update_failed');
    file.title = title ?? file.name;
    file.isComplete = true;
    setTimeout(() => {
      file.isSeen = true;
    }, SEEN_AFTER_MS).unref();
    return file;
  });
  const channel = args['channel_id'];
  const isLost = state.losesDescribedFiles && files.some(({ altText }) => altText !== undefined);
  if (typeof channel === 'string' && !isLost) {
    state.channel(channel);
    setTimeout(() => share(state, files, channel, args), SHARED_AFTER_MS).unref();
  }
  return { files: files.map(asSlack) };
}

function share(state: State, files: SentFile[], channel: string, args: Args): void {
  const { ts } = state.post({
    channel,
    user: APP.user,
    text: String(args['initial_comment'] ?? ''),
    files,
    ...(args['thread_ts'] === undefined ? {} : { thread_ts: String(args['thread_ts']) }),
  });
  for (const file of files) file.shares.set(channel, ts);
}

function asSlack({ id, name, title, shares, altText, isSeen = false }: SentFile) {
  const places = Object.fromEntries([...shares].map(([channel, ts]) => [channel, [{ ts }]]));
  return {
    id,
    name,
    title,
    user: APP.user,
    mimetype: isSeen ? (name.endsWith('.png') ? 'image/png' : 'text/plain') : '',
    channels: [...shares.keys()],
    groups: [],
    shares: shares.size === 0 ? {} : { public: places },
    ...(altText === undefined ? {} : { alt_txt: altText }),
  };
}
