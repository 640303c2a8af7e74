import type { ChatPostMessageArguments, ChatUpdateArguments, WebClient } from '@slack/web-api';
import { z } from 'zod';
import { failureOf } from './errors.ts';

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

export interface CallSettings {
  readonly client: WebClient;
  now(): number;
}

/**
 * The calls of the outboxWorker. Once Slack has said "not before", nothing that it said it of is sent before: for
 * posts by channel, for everything else by method.
 */
export class Calls {
  readonly #settings: CallSettings;
  readonly #notBefore = new Map<string, number>();

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

  /** Messages of a channel not older than `oldestMs`, newest first, with metadata. */
  history(channel: string, oldestMs: number, pages = 5): AsyncGenerator<SlackMessage> {
    const oldest = (oldestMs / 1_000).toFixed(6);
    return this.#pages(pages, (cursor) =>
      this.#call('conversations.history', (client) =>
        client.conversations.history({ channel, oldest, limit: 200, include_all_metadata: true, ...cursor }),
      ),
    );
  }

  /** The messages of a thread, its first one included, with metadata. */
  replies(channel: string, ts: string, pages = 10): AsyncGenerator<SlackMessage> {
    return this.#pages(pages, (cursor) =>
      this.#call('conversations.replies', (client) =>
        client.conversations.replies({ channel, ts, limit: 200, include_all_metadata: true, ...cursor }),
      ),
    );
  }

  async upload(file: {
    readonly channel: string;
    readonly threadTs: string;
    readonly name: string;
    readonly title: string;
    readonly bytes: Uint8Array;
    readonly alt?: string;
  }): Promise<void> {
    await this.#call('files.upload', (client) =>
      client.filesUploadV2({
        channel_id: file.channel,
        thread_ts: file.threadTs,
        filename: file.name,
        title: file.title,
        file: Buffer.from(file.bytes),
        ...(file.alt === undefined ? {} : { alt_text: file.alt }),
      }),
    );
  }

  async #call<T>(what: string, work: (client: WebClient) => Promise<T>): Promise<T> {
    const { client, now } = this.#settings;
    const wait = (this.#notBefore.get(what) ?? 0) - now();
    if (wait > 0) throw new NotYet(wait);
    this.#notBefore.delete(what);
    try {
      return await work(client);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'wait') {
        this.#notBefore.set(what, now() + failure.ms);
        throw new NotYet(failure.ms);
      }
      throw error;
    }
  }

  async *#pages(
    most: number,
    read: (cursor: { cursor?: string }) => Promise<unknown>,
  ): AsyncGenerator<SlackMessage> {
    let cursor: string | undefined;
    for (let page = 0; page < most; page += 1) {
      const { messages, response_metadata: meta } = Page.parse(await read(cursor ? { cursor } : {}));
      yield* messages;
      cursor = meta?.next_cursor || undefined;
      if (cursor === undefined) return;
    }
  }
}
