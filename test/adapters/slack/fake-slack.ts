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
  readonly files?: readonly {
    readonly name: string;
    readonly title: string;
    readonly size: number;
    readonly alt?: string | null;
  }[];
}

/** What happens to a call: `before` it reaches Slack, or `after` Slack acted (the answer is lost). */
export type Fault = { readonly when: 'before' | 'after'; readonly error: Error };

interface HistoryArgs {
  readonly channel: string;
  readonly oldest?: string;
  readonly latest?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** How long Slack looks through a file, ms. */
const LOOKS_THROUGH_MS = 3_000;

interface UploadArgs {
  readonly channel_id?: string;
  readonly thread_ts?: string;
  readonly filename: string;
  readonly title: string;
  readonly file: Buffer;
  readonly alt_text?: string;
}

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
  /** Whether a file that was taken is also shared. */
  shares: (args: UploadArgs) => boolean = () => true;
  /** Whether the answer to an upload says where it is shared. */
  repliesToUploads = true;
  /** The most messages that a page of a history has. */
  mostAPage = 1_000;
  /** Told of each call before it is made. */
  onCall: (method: string) => void = () => {};
  readonly #files = new Map<
    string,
    { readonly all: readonly UploadArgs[]; isShared: boolean; readonly seenAt: number }
  >();
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

  /** What auth.test says. */
  identity: object = {
    ok: true,
    url: 'https://one.slack.com/',
    team_id: 'T0ONE',
    user_id: 'U0BOT',
    app_id: 'A0',
  };

  get client(): WebClient {
    const client = {
      auth: {
        test: async () => this.identity,
        teams: { list: async () => ({ ok: true, teams: [{ id: 'T0ONE' }] }) },
      },
      chat: {
        postMessage: (args: ChatPostMessageArguments) =>
          this.#call('chat.postMessage', args, () => this.#post(args)),
        delete: (args: { channel: string; ts: string }) =>
          this.#call('chat.delete', args, () => {
            if (!this.messages.some((one) => one.ts === args.ts)) throw platformError('message_not_found');
            this.delete(args.ts);
            return { ok: true };
          }),
        update: (args: ChatUpdateArguments) => this.#call('chat.update', args, () => this.#update(args)),
      },
      conversations: {
        history: (args: HistoryArgs) =>
          this.#call('conversations.history', args, () => {
            const found = this.cards.filter((one) => one.channel === args.channel && isWithin(one, args));
            return this.#page([...found].reverse(), args);
          }),
        replies: (args: HistoryArgs & { ts: string }) =>
          this.#call('conversations.replies', args, () => {
            const parent = this.messages.filter((one) => one.ts === args.ts);
            const replies = this.messages.filter((one) => one.thread_ts === args.ts && isWithin(one, args));
            if (parent.length === 0) throw platformError('thread_not_found');
            return this.#page([...parent, ...replies], args);
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
      filesUploadV2: ({ file_uploads: several, ...args }: UploadArgs & { file_uploads?: UploadArgs[] }) =>
        this.#call('files.upload', args, () => {
          const all = (several ?? [args]).map((one) => ({ ...args, ...one }));
          const { channel_id: channel } = args;
          const upload = {
            all,
            isShared: channel !== undefined && all.every(this.shares),
            seenAt: this.#now() + LOOKS_THROUGH_MS,
          };
          if (upload.isShared) this.#share(all);
          const shares = upload.isShared && this.repliesToUploads ? { public: { [`${channel}`]: [{}] } } : {};
          const files = all.map(() => {
            this.#serial += 1;
            const id = `F${this.#serial}`;
            this.#files.set(id, upload);
            return { id, shares };
          });
          return { ok: true, files: [{ ok: true, files }] };
        }),
      files: {
        info: (args: { file: string }) =>
          this.#call('files.info', args, () => {
            const known = this.#files.get(args.file);
            if (known === undefined) throw platformError('file_not_found');
            const { all } = known;
            const channel = all[0]?.channel_id;
            const isThere = channel !== undefined && (known.isShared || all.every(this.shares));
            if (isThere && !known.isShared) this.#share(all);
            known.isShared = isThere;
            const shares = isThere ? { public: { [channel]: [{ ts: '1.1' }] } } : {};
            const mimetype = this.#now() < known.seenAt ? '' : 'image/png';
            return { ok: true, file: { id: args.file, mimetype, shares } };
          }),
      },
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
    this.#strict(text, blocks);
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
    this.#strict(text, blocks);
    message.text = text;
    message.blocks = structuredClone(blocks);
    return { ok: true, ts, channel: message.channel };
  }

  /** A block names only files that Slack has looked through. */
  #strict(text: string, blocks: readonly KnownBlock[]): void {
    strict(text, blocks);
    for (const block of blocks) {
      if (block.type !== 'image' || !('slack_file' in block)) continue;
      const { slack_file: named } = block;
      const known = named !== undefined && 'id' in named ? this.#files.get(named.id ?? '') : undefined;
      if (known === undefined || this.#now() < known.seenAt) throw platformError('invalid_blocks');
    }
  }

  /** In one message. */
  #share(all: readonly UploadArgs[]): void {
    this.#store({
      channel: `${all[0]?.channel_id}`,
      thread_ts: `${all[0]?.thread_ts}`,
      text: '',
      blocks: [],
      broadcast: false,
      files: all.map(({ filename, title, file, alt_text: alt = null }) => ({
        name: filename,
        title,
        size: file.length,
        alt,
      })),
    });
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
    const size = Math.min(limit, this.mostAPage);
    const more = from + size < found.length;
    return {
      ok: true,
      messages: structuredClone(found.slice(from, from + size)),
      response_metadata: { next_cursor: more ? String(from + size) : '' },
    };
  }

  async #call<T>(method: string, args: object, work: () => T): Promise<T> {
    const given = args as Readonly<Record<string, unknown>>;
    this.calls.push({
      method,
      at: this.#now(),
      ...(typeof given['channel'] === 'string' ? { channel: given['channel'] } : {}),
    });
    this.onCall(method);
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

function isWithin({ ts }: FakeMessage, { oldest = '0', latest = '9999999999' }: HistoryArgs): boolean {
  return Number(ts) > Number(oldest) && Number(ts) < Number(latest);
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
