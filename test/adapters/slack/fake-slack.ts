import type { KnownBlock } from '@slack/types';
import {
  type ChatPostMessageArguments,
  type ChatUpdateArguments,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
  type WebClient,
} from '@slack/web-api';
import { refusedBySlack } from '../../support/slack-limits.ts';

export interface FakeMessage {
  readonly ts: string;
  readonly channel: string;
  text: string;
  blocks: readonly KnownBlock[];
  readonly thread_ts?: string;
  readonly broadcast: boolean;
  readonly metadata?: { readonly event_type: string; readonly event_payload: Record<string, unknown> };
  readonly files?: readonly { readonly name: string; readonly title: string; readonly size: number }[];
}

/** What happens to a call: `before` it reaches Slack, or `after` Slack acted (the answer is lost). */
export type Fault = { readonly when: 'before' | 'after'; readonly error: Error };

/** Enough of Slack for an outbox worker, with every call kept and every fault on demand. */
export class FakeSlack {
  readonly messages: FakeMessage[] = [];
  readonly calls: { readonly method: string; readonly at: number; readonly channel?: string }[] = [];
  /** Asked before every call. */
  fault: (method: string, args: Readonly<Record<string, unknown>>) => Fault | null = () => null;
  /** Calls under way now and at most. */
  busy = 0;
  busiest = 0;
  /** Each call takes this long. */
  delay: () => Promise<void> = async () => {};
  readonly channels = new Map([['ship', 'C0SHIP']]);
  readonly #now: () => number;
  #serial = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Messages of the channel, not of threads. */
  get cards(): readonly FakeMessage[] {
    return this.messages.filter((message) => message.thread_ts === undefined);
  }

  get replies(): readonly FakeMessage[] {
    return this.messages.filter((message) => message.thread_ts !== undefined);
  }

  times(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  delete(ts: string): void {
    const index = this.messages.findIndex((message) => message.ts === ts);
    this.messages.splice(index, 1);
  }

  get client(): WebClient {
    const client = {
      chat: {
        postMessage: (args: ChatPostMessageArguments) =>
          this.#call('chat.postMessage', args, () => this.#post(args)),
        update: (args: ChatUpdateArguments) => this.#call('chat.update', args, () => this.#update(args)),
      },
      conversations: {
        history: (args: { channel: string; oldest?: string; limit?: number; cursor?: string }) =>
          this.#call('conversations.history', args, () => {
            const found = this.cards.filter(
              (one) => one.channel === args.channel && Number(one.ts) > Number(args.oldest ?? 0),
            );
            return this.#page([...found].reverse(), args);
          }),
        replies: (args: { channel: string; ts: string; limit?: number; cursor?: string }) =>
          this.#call('conversations.replies', args, () => {
            const found = this.messages.filter((one) => one.ts === args.ts || one.thread_ts === args.ts);
            if (found.length === 0) throw platformError('thread_not_found');
            return this.#page(found, args);
          }),
        list: (args: object) =>
          this.#call('conversations.list', args, () => ({
            ok: true,
            channels: [...this.channels].map(([name, id]) => ({ id, name })),
          })),
      },
      users: {
        conversations: (args: object) =>
          this.#call('users.conversations', args, () => ({
            ok: true,
            channels: [...this.channels].map(([name, id]) => ({ id, name })),
          })),
      },
      filesUploadV2: (args: {
        channel_id: string;
        thread_ts: string;
        filename: string;
        title: string;
        file: Buffer;
      }) =>
        this.#call('files.upload', args, () => {
          this.#store({
            channel: args.channel_id,
            thread_ts: args.thread_ts,
            text: '',
            blocks: [],
            broadcast: false,
            files: [{ name: args.filename, title: args.title, size: args.file.length }],
          });
          return { ok: true, files: [] };
        }),
    };
    return client as unknown as WebClient;
  }

  #post(args: ChatPostMessageArguments) {
    const {
      channel,
      text = '',
      blocks = [],
      thread_ts,
      metadata,
      reply_broadcast,
    } = args as unknown as {
      channel: string;
      text?: string;
      blocks?: KnownBlock[];
      thread_ts?: string;
      metadata?: FakeMessage['metadata'];
      reply_broadcast?: boolean;
    };
    if (thread_ts !== undefined && !this.messages.some((one) => one.ts === thread_ts))
      throw platformError('thread_not_found');
    strict(text, blocks);
    const message = this.#store({
      channel: this.channels.get(channel.replace('#', '')) ?? channel,
      text,
      blocks,
      broadcast: reply_broadcast ?? false,
      ...(thread_ts === undefined ? {} : { thread_ts }),
      ...(metadata === undefined ? {} : { metadata }),
    });
    return { ok: true, ts: message.ts, channel: message.channel };
  }

  #update(args: ChatUpdateArguments) {
    const {
      ts,
      text = '',
      blocks = [],
    } = args as unknown as { ts: string; text?: string; blocks?: KnownBlock[] };
    const message = this.messages.find((one) => one.ts === ts);
    if (!message) throw platformError('message_not_found');
    strict(text, blocks);
    message.text = text;
    message.blocks = structuredClone(blocks);
    return { ok: true, ts, channel: message.channel };
  }

  #store(message: Omit<FakeMessage, 'ts'>): FakeMessage {
    this.#serial += 1;
    const ts = `${Math.floor(this.#now() / 1_000)}.${String(this.#serial).padStart(6, '0')}`;
    const stored = { ...structuredClone(message), ts };
    this.messages.push(stored);
    return stored;
  }

  #page(found: readonly FakeMessage[], { limit = 100, cursor }: { limit?: number; cursor?: string }) {
    const from = Number(cursor ?? 0);
    const more = from + limit < found.length;
    return {
      ok: true,
      messages: structuredClone(found.slice(from, from + limit)),
      response_metadata: { next_cursor: more ? String(from + limit) : '' },
    };
  }

  async #call<T>(method: string, args: object, work: () => T): Promise<T> {
    const given = args as Readonly<Record<string, unknown>>;
    this.calls.push({
      method,
      at: this.#now(),
      ...(typeof given['channel'] === 'string' ? { channel: given['channel'] } : {}),
    });
    this.busy += 1;
    this.busiest = Math.max(this.busiest, this.busy);
    try {
      await this.delay();
      const fault = this.fault(method, given);
      if (fault?.when === 'before') throw fault.error;
      const answer = work();
      if (fault?.when === 'after') throw fault.error;
      return answer;
    } finally {
      this.busy -= 1;
    }
  }
}

function strict(text: string, blocks: readonly KnownBlock[]): void {
  const problems = refusedBySlack(blocks);
  if (text === '') problems.push('no text');
  if (problems.length > 0) throw platformError('invalid_blocks', problems);
}

export function platformError(error: string, messages: readonly string[] = []): WebAPIPlatformError {
  return new WebAPIPlatformError({ ok: false, error, response_metadata: { messages: [...messages] } });
}

export function rateLimited(seconds: number): WebAPIRateLimitedError {
  return new WebAPIRateLimitedError(seconds);
}

export function noAnswer(): WebAPIRequestError {
  return new WebAPIRequestError(new Error('connect ECONNREFUSED'));
}
