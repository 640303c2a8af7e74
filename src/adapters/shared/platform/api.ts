import type { z } from 'zod';
import { mustStillAct } from '../../../domain/operations/acting.ts';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { given } from '../../../domain/text/given.ts';
import { withoutTrailing } from '../../../domain/text/trailing.ts';
import { askOnce, type HttpReply } from '../http.ts';
import type { TrustedTls } from '../network/dispatcher.ts';
import { jsonOf, NOT_JSON, platformFailure } from './failure.ts';

export interface PlatformAccount {
  /** For messages: "Vercel". */
  readonly platform: string;
  readonly base: string;
  /** Sent with every call; holds the token. */
  readonly headers: Readonly<Record<string, string>>;
  /** More headers, made for a request: a signature. Without a body that is empty. */
  readonly sign?: (request: {
    readonly method: string;
    readonly url: string;
    readonly body: string;
  }) => Readonly<Record<string, string>>;
  /** What it takes for ours: a token by default. */
  readonly proof?: 'token' | 'signature';
  /** The environment variable of the token, for messages. */
  readonly tokenName: string;
  /** Never to be quoted, even when the platform repeats them. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly tls?: TrustedTls | undefined;
  readonly now: () => number;
}

export interface Call<T> {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Begins with a slash; see `path`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly reply: z.ZodType<T>;
  /** As in "Slipway may not …" and "… refused to …": "promote a deployment of shop". */
  readonly doing: string;
  /** The permission that this takes, as in "it needs …". */
  readonly needs: string;
  /** What is missing when the platform answers 404: "the project shop". */
  readonly what: string;
  readonly signal?: AbortSignal | undefined;
}

export interface PlatformReply<T> {
  readonly status: number;
  readonly value: T;
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_BYTES = 16 * 1024 * 1024;

/**
 * The JSON API of a platform. Every reply is validated. No answer, 429 and 5xx are Unavailable (with what the
 * platform says about when to come back); what a person can fix is a Refusal that names it: `platform-unauthorised`
 * (401), `platform-forbidden` (403), `platform-not-found` (404), `platform-refused` (the other 4xx).
 */
export class PlatformApi {
  readonly #account: PlatformAccount;

  constructor(account: PlatformAccount) {
    this.#account = { ...account, base: withoutTrailing(account.base, '/') };
  }

  async call<T>(call: Call<T>): Promise<PlatformReply<T>> {
    const { platform } = this.#account;
    const answer = await this.#send(call);
    const json = jsonOf(answer);
    if (json === NOT_JSON)
      throw new Unavailable(platform, `its answer when asked to ${call.doing} was not JSON`);
    const parsed = call.reply.safeParse(json);
    if (parsed.success) return { status: answer.status, value: parsed.data, headers: answer.headers };
    throw new Unavailable(platform, `its answer when asked to ${call.doing} was not understood`, {
      cause: parsed.error,
    });
  }

  /** The same for what answers with plain text, such as a log. */
  async text(call: Omit<Call<never>, 'reply'>): Promise<string> {
    return (await this.#send({ ...call, headers: { accept: '*/*', ...call.headers } })).body;
  }

  async #send(call: Omit<Call<unknown>, 'reply'>): Promise<HttpReply> {
    const { platform, base, headers, timeoutMs, tls } = this.#account;
    if (call.method !== undefined && call.method !== 'GET') await mustStillAct();
    const query = Object.entries(call.query ?? {}).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(query as [string, string][]).toString();
    const body = call.body === undefined ? '' : JSON.stringify(call.body);
    const url = `${base}${call.path}${search === '' ? '' : `?${search}`}`;
    const { method = 'GET' } = call;
    const heard = await askOnce({
      url,
      method,
      timeoutMs,
      maxBytes: MAX_BYTES,
      headers: {
        accept: 'application/json',
        ...headers,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.#account.sign?.({ method, url, body }),
        ...call.headers,
      },
      ...(call.body === undefined ? {} : { body }),
      ...given({ signal: call.signal, tls }),
    });
    if (heard.kind !== 'reply') throw new Unavailable(platform, heard.words);
    // Also what goes well is shown to people: progress, reasons, lines of a log.
    const answer = { ...heard, body: this.scrub(heard.body) };
    if (answer.status < 200 || answer.status > 299) throw platformFailure(answer, this.#account, call);
    return answer;
  }

  /** The same for what may not be there: null when the platform answers 404. */
  async find<T>(call: Call<T>): Promise<T | null> {
    try {
      return (await this.call(call)).value;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'platform-not-found') return null;
      throw error;
    }
  }

  /** Takes every secret out of a text, also as it is written in JSON. */
  scrub(text: string): string {
    return this.#account.secrets
      .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
      .reduce((clean, secret) => clean.replaceAll(secret, '…'), text);
  }
}

/** A path with everything that is filled in encoded. */
export function path(strings: TemplateStringsArray, ...values: readonly string[]): string {
  return strings.reduce((all, text, index) => `${all}${encodeURIComponent(values[index - 1] ?? '')}${text}`);
}
