import { createHmac } from 'node:crypto';
import type { JsonObject } from '../strict/json.ts';
import { isJsonObject } from '../strict/json.ts';
import type { Delivered, EnvelopeKind, Retry, Transport } from './transport.ts';

/** Request URLs of the app: signed POST requests, as Slack sends them without Socket Mode. */
export class HttpMode implements Transport {
  readonly online = true;
  readonly #url: string;
  readonly #signingSecret: string;
  readonly #now: () => number;

  constructor(url: string, signingSecret: string, now: () => number) {
    this.#url = url;
    this.#signingSecret = signingSecret;
    this.#now = now;
  }

  async deliver(
    kind: EnvelopeKind,
    payload: JsonObject,
    deadlineMs: number,
    retry?: Retry,
  ): Promise<Delivered> {
    const { body, type } = encode(kind, payload);
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        body,
        headers: {
          'content-type': type,
          ...this.sign(body),
          ...(retry === undefined
            ? {}
            : { 'x-slack-retry-num': String(retry.attempt), 'x-slack-retry-reason': retry.reason }),
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(deadlineMs),
      });
      const text = await response.text();
      if (!response.ok) return { kind: 'http-error', status: response.status };
      return { kind: 'acked', payload: decode(text, response.headers.get('content-type') ?? '') };
    } catch (error) {
      const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
      return { kind: timedOut ? 'timeout' : 'unreachable' };
    }
  }

  /** Slack's `v0` signature over the time and the body. */
  sign(body: string): { 'x-slack-request-timestamp': string; 'x-slack-signature': string } {
    const timestamp = String(Math.floor(this.#now() / 1000));
    const digest = createHmac('sha256', this.#signingSecret).update(`v0:${timestamp}:${body}`).digest('hex');
    return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${digest}` };
  }
}

function encode(kind: EnvelopeKind, payload: JsonObject): { body: string; type: string } {
  if (kind === 'events_api') return { body: JSON.stringify(payload), type: 'application/json' };
  const form =
    kind === 'slash_commands'
      ? new URLSearchParams(
          Object.fromEntries(Object.entries(payload).map(([key, value]) => [key, String(value)])),
        )
      : new URLSearchParams({ payload: JSON.stringify(payload) });
  return { body: form.toString(), type: 'application/x-www-form-urlencoded' };
}

/** A JSON answer as it is; any other text is what the app wants to say. */
function decode(text: string, type: string): JsonObject {
  if (text === '') return {};
  if (type.includes('json')) {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  }
  return { text };
}
