import type { ChatPostMessageArguments, ChatUpdateArguments, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { failureOf } from './errors.ts';
import { inChannel, oneOf, Shared, Uploaded } from './shares.ts';

/** Nothing was sent: come back in so many ms. */
export class NotYet extends Error {
  override readonly name = 'NotYet';
  readonly ms: number;

  constructor(ms: number) {
    super(`not for another ${ms} ms`);
    this.ms = ms;
  }
}

const Posted = z.looseObject({ ts: z.string(), channel: z.string() });

const Payload = z.looseObject({ promotion: z.string().optional(), key: z.string().optional() });

const Message = z.looseObject({
  ts: z.string(),
  metadata: z.looseObject({ event_type: z.string(), event_payload: Payload }).optional().catch(undefined),
  files: z
    .array(z.looseObject({ name: z.string().nullish() }))
    .optional()
    .catch(undefined),
});
export type SlackMessage = z.infer<typeof Message>;

const Page = z.looseObject({
  messages: z.array(Message).default([]),
  response_metadata: z.looseObject({ next_cursor: z.string().optional() }).optional(),
});

/** By Slack's clock, both ends included or not. */
export interface TimeRange {
  readonly oldestMs: number;
  readonly latestMs: number;
}

export interface CallSettings {
  readonly client: WebClient;
  /** Monotonic, ms: Slack says how long to wait, and not until when. */
  elapsed(): number;
  /** Slack has limited this: a method, for posts with the channel behind it. */
  onLimit?(what: string): void;
}

/**
 * The calls of the outboxWorker. Once Slack has said "not before", nothing that it said it of is sent before: for
 * posts by channel, for everything else by method.
 */
export class Calls {
  readonly #settings: CallSettings;
  readonly #notBefore = new Map<string, number>();
  /** Cursors of lists that were not read to their end. */
  readonly #positions = new Map<string, string>();
  #isAway = false;

  constructor(settings: CallSettings) {
    this.#settings = settings;
  }

  async post(message: ChatPostMessageArguments): Promise<{ readonly ts: string; readonly channel: string }> {
    const answer = await this.#call(`chat.postMessage ${message.channel}`, (client) =>
      client.chat.postMessage(message),
    );
    return Posted.parse(answer);
  }

  async update(message: ChatUpdateArguments): Promise<void> {
    await this.#call('chat.update', (client) => client.chat.update(message));
  }

  async remove(message: { readonly channel: string; readonly ts: string }): Promise<void> {
    await this.#call('chat.delete', (client) => client.chat.delete(message));
  }

  /** Messages of a channel within a time, newest first, with metadata. */
  history(channel: string, within: TimeRange): AsyncGenerator<SlackMessage> {
    const asked = { channel, ...paged(within) };
    return this.#pages(`conversations.history ${JSON.stringify(asked)}`, (cursor) =>
      this.#call('conversations.history', (client) => client.conversations.history({ ...asked, ...cursor })),
    );
  }

  /** The messages of a thread within a time, oldest first, with metadata. */
  replies(channel: string, ts: string, within: TimeRange): AsyncGenerator<SlackMessage> {
    const asked = { channel, ts, ...paged(within) };
    return this.#pages(`conversations.replies ${JSON.stringify(asked)}`, (cursor) =>
      this.#call('conversations.replies', (client) => client.conversations.replies({ ...asked, ...cursor })),
    );
  }

  /** Whether a file is in a channel. */
  async isShared(file: string, channel: string): Promise<boolean> {
    const answer = await this.#call('files.info', (client) => client.files.info({ file }));
    return inChannel(Shared.parse(answer).file, channel);
  }

  /** Files in one message, each as Slack has it, which may not be in the channel yet; none where Slack says nothing. */
  async upload(
    { channel, threadTs }: { readonly channel: string; readonly threadTs: string },
    files: readonly {
      readonly name: string;
      readonly title: string;
      readonly bytes: Uint8Array;
      readonly alt?: string;
    }[],
  ): Promise<readonly { readonly id: string; readonly isShared: boolean }[]> {
    const answer = await this.#call('files.upload', (client) =>
      client.filesUploadV2({
        channel_id: channel,
        thread_ts: threadTs,
        file_uploads: files.map(({ name, title, bytes, alt }) => ({
          filename: name,
          title,
          file: Buffer.from(bytes),
          ...(alt === undefined ? {} : { alt_text: alt }),
        })),
      }),
    );
    const uploaded = Uploaded.parse(answer).files.flatMap((upload) => upload.files);
    return uploaded.map((file) => ({ id: file.id, isShared: inChannel(file, channel) }));
  }

  /** Keeps a file that belongs to no channel, for a block of a message; its id. */
  async keep(file: {
    readonly name: string;
    readonly title: string;
    readonly bytes: Uint8Array;
  }): Promise<string> {
    const { name: filename, title, bytes } = file;
    const answer = await this.#call('files.upload', (client) =>
      client.filesUploadV2({ filename, title, file: Buffer.from(bytes) }),
    );
    return oneOf(Uploaded.parse(answer)).id;
  }

  /**
   * Whether Slack has looked through a file: only then a block may name it.
   *
   * @see https://github.com/slackapi/java-slack-sdk/issues/1349
   */
  async isLookedThrough(file: string): Promise<boolean> {
    const answer = await this.#call('files.info', (client) => client.files.info({ file }));
    return (Shared.parse(answer).file.mimetype ?? '') !== '';
  }

  /** Whether Slack gave no answer to the last call. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /** How long Slack said to wait with this, in ms: a method, for posts with the channel behind it. */
  waitMs(what: string): number {
    return Math.max(0, (this.#notBefore.get(what) ?? Number.NEGATIVE_INFINITY) - this.#settings.elapsed());
  }

  async #call<T>(what: string, work: (client: WebClient) => Promise<T>): Promise<T> {
    const { client, elapsed } = this.#settings;
    const wait = this.waitMs(what);
    if (wait > 0) throw new NotYet(wait);
    this.#notBefore.delete(what);
    try {
      const answer = await work(client);
      this.#isAway = false;
      return answer;
    } catch (error) {
      const failure = failureOf(error);
      this.#isAway = failure.kind === 'down';
      if (failure.kind === 'wait') {
        this.#notBefore.set(what, elapsed() + failure.ms);
        this.#settings.onLimit?.(what);
        throw new NotYet(failure.ms);
      }
      throw error;
    }
  }

  /** All pages of what is asked. After a wait it goes on where it was: Slack may give one page a minute. */
  async *#pages(
    asked: string,
    read: (cursor: { cursor?: string }) => Promise<unknown>,
  ): AsyncGenerator<SlackMessage> {
    let isInterrupted = false;
    try {
      for (;;) {
        const cursor = this.#positions.get(asked);
        const { messages, response_metadata: meta } = Page.parse(await read(cursor ? { cursor } : {}));
        const next = meta?.next_cursor;
        if (next) this.#positions.set(asked, next);
        yield* messages;
        if (!next) return;
      }
    } catch (error) {
      isInterrupted = error instanceof NotYet;
      throw error;
    } finally {
      if (!isInterrupted) this.#positions.delete(asked);
    }
  }
}

/** What Slack gives at once to apps that are not internal to one organisation. */
const PAGE = 15;

function paged({ oldestMs, latestMs }: TimeRange) {
  const seconds = (ms: number) => (ms / 1_000).toFixed(6);
  return {
    oldest: seconds(oldestMs),
    latest: seconds(latestMs),
    limit: PAGE,
    include_all_metadata: true,
  } as const;
}
