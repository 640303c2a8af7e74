import { createHmac } from 'node:crypto';
import { request } from 'undici';
import type { SlackSockets } from './sockets.ts';

export type Kind = 'slash_commands' | 'interactive' | 'events_api';

/** Slack waits so long for an acknowledgement. */
const DEADLINE_MS = 3_000;
/** An event that was not acknowledged is sent again: nearly at once, then later. */
const EVENT_AGAIN_MS = [500, 5_000, 20_000];

export const SIGNING_SECRET = 'a-signing-secret-of-the-double';

/** Brings payloads to the app, over its socket or to its address. */
export class Delivery {
  /** The address of the app; null: over sockets. */
  requestUrl: string | null = null;
  readonly #sockets: SlackSockets;
  readonly #waiting = new Map<string, (payload: unknown) => void>();
  #underWay = 0;
  #isClosed = false;

  constructor(sockets: SlackSockets) {
    this.#sockets = sockets;
    sockets.onAcknowledged = (id, payload) => this.#waiting.get(id)?.(payload);
  }

  /** Payloads that are not acknowledged yet. */
  get underWay(): number {
    return this.#underWay;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** What the app says in its acknowledgement. Throws when there is none in time, as people then see. */
  async ask(kind: Kind, payload: object): Promise<unknown> {
    const answer = await this.#once(kind, payload, 0);
    if (answer === null) throw new Error('operation_timeout: the app did not answer in time');
    return answer.payload;
  }

  /** Sends an event until it is acknowledged, three times more at most. */
  async tell(payload: object): Promise<void> {
    for (let attempt = 0; attempt <= EVENT_AGAIN_MS.length && !this.#isClosed; attempt++) {
      if ((await this.#once('events_api', payload, attempt)) !== null) return;
      await new Promise((resolve) => setTimeout(resolve, EVENT_AGAIN_MS[attempt]).unref());
    }
  }

  async #once(kind: Kind, payload: object, attempt: number): Promise<{ readonly payload: unknown } | null> {
    this.#underWay += 1;
    try {
      return await (this.requestUrl === null
        ? this.#overSocket(kind, payload, attempt)
        : this.#overHttp(this.requestUrl, kind, payload, attempt));
    } finally {
      this.#underWay -= 1;
    }
  }

  #overSocket(kind: Kind, payload: object, attempt: number): Promise<{ readonly payload: unknown } | null> {
    const again = attempt === 0 ? {} : { retry_attempt: attempt, retry_reason: 'timeout' };
    const id = this.#sockets.deliver(kind, payload, kind !== 'events_api', again);
    if (id === null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const late = setTimeout(() => done(null), DEADLINE_MS);
      const done = (answer: { readonly payload: unknown } | null) => {
        clearTimeout(late);
        this.#waiting.delete(id);
        resolve(answer);
      };
      this.#waiting.set(id, (said) => done({ payload: said }));
    });
  }

  async #overHttp(url: string, kind: Kind, payload: object, attempt: number) {
    const isJson = kind === 'events_api';
    const fields: Record<string, string> =
      kind === 'interactive' ? { payload: JSON.stringify(payload) } : (payload as Record<string, string>);
    const body = isJson ? JSON.stringify(payload) : new URLSearchParams(fields).toString();
    const time = `${Math.floor(Date.now() / 1_000)}`;
    const digest = createHmac('sha256', SIGNING_SECRET).update(`v0:${time}:${body}`).digest('hex');
    try {
      const response = await request(url, {
        method: 'POST',
        body,
        headers: {
          'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          'x-slack-request-timestamp': time,
          'x-slack-signature': `v0=${digest}`,
          ...(attempt === 0
            ? {}
            : { 'x-slack-retry-num': `${attempt}`, 'x-slack-retry-reason': 'http_timeout' }),
        },
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      const text = await response.body.text();
      return response.statusCode < 300 ? { payload: text } : null;
    } catch {
      return null;
    }
  }
}
