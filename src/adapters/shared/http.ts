import { type Dispatcher, request } from 'undici';
import { z } from 'zod';
import { spanned } from '../../domain/operations/measures.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { given } from '../../domain/text/given.ts';
import { isLoopback } from '../../domain/text/loopback.ts';
import { type AdapterContext, SecretRef } from './context.ts';
import { proxyTroubleOf, type TrustedTls, throughProxy, WebDispatcher } from './network/dispatcher.ts';
import { answeredWith, requestSpan, traceHeaders } from './network/trace.ts';
import { codesOf, isOwnTrouble, networkTrouble } from './network-trouble.ts';
import { limited } from './time-limit.ts';

/** An address of the config: http or https, without user and password in it. */
export const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'an address such as https://shop.example/health' })
  .refine((text) => !URL.canParse(text) || new URL(text).password === '', {
    error: 'an address without a password in it; give secrets as headers',
  });

/** The same for what is always sent a token: https, but for this machine. */
export const TokenUrl = HttpUrl.refine((text) => /^https:/i.test(text) || isLoopback(text), {
  error: 'an https address, because a token is sent there (http only to this machine)',
});

const SECRET_HEADER = /^(authorization|proxy-authorization|cookie|x-api-key|.*-token)$/i;

/** Request headers. A value is plain text, or comes from an environment variable, with a prefix such as `Bearer `. */
export const Headers = z
  .record(
    z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'the name of a header'),
    z.union([
      z.string().regex(/^[^\r\n\0]*$/, 'one line of text'),
      SecretRef.extend({ prefix: z.string().optional() }),
    ]),
  )
  .superRefine((headers, context) => {
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value !== 'string' || !SECRET_HEADER.test(name)) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'a secret: { env: SHOP_TOKEN, prefix: "Bearer " }',
      });
    }
  });
export type Headers = z.infer<typeof Headers>;

/** Headers with their secrets, for `ask`; never to be printed. */
export function resolveHeaders(headers: Headers, context: AdapterContext): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : `${value.prefix ?? ''}${context.secret(value.env)}`,
    ]),
  );
}

/** One status, or a class of them: 204, `2xx`. */
export const StatusPattern = z.union(
  [z.int().min(100).max(599), z.string().regex(/^[1-5]xx$/, 'a status such as 200 or 2xx')],
  { error: 'a status such as 200 or 2xx' },
);
export type StatusPattern = z.infer<typeof StatusPattern>;

export function matchesStatus(status: number, patterns: readonly StatusPattern[]): boolean {
  return patterns.some((pattern) =>
    typeof pattern === 'number' ? status === pattern : Math.floor(status / 100) === Number(pattern[0]),
  );
}

export interface Question {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the first byte sent to the last one read, in ms. */
  readonly timeoutMs: number;
  /** The rest of a longer body is not read. */
  readonly maxBytes?: number;
  /** The status is the answer: the body is thrown away, also one that does not end. */
  readonly bodiless?: boolean;
  readonly signal?: AbortSignal;
  /** The number of the host that is connected to, whatever the name of the address says; never through a proxy. */
  readonly address?: string;
  readonly tls?: TrustedTls;
}

export type Answer =
  | {
      readonly kind: 'reply';
      readonly status: number;
      /** By lower-case name; repeated headers joined with a comma. */
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
      /** True when the body was longer than `maxBytes`. */
      readonly cut: boolean;
      readonly tookMs: number;
    }
  | {
      readonly kind: 'timeout' | 'no-connection';
      /** What went wrong, as a part of a sentence: "connection refused". Holds nothing of the request. */
      readonly words: string;
      /** It was this machine that could not ask: it says nothing of the server. */
      readonly own?: true;
      readonly tookMs: number;
    };

/** An answer that came. */
export type HttpReply = Extract<Answer, { kind: 'reply' }>;

type Body = { readonly text: string; readonly cut: boolean };

const MAX_BYTES = 1024 * 1024;
/** A body that is thrown away is waited for so long, ms. */
const DUMP_MS = 500;

/**
 * One HTTP request over a connection of its own, so that a probe sees the servers that new visitors would see.
 * Network trouble is an answer, not an exception. Redirects are not followed.
 */
export async function askOnce(question: Question): Promise<Answer> {
  const { timeoutMs: connectMs, address, tls } = question;
  const dispatcher = new WebDispatcher({
    fresh: true,
    connectMs,
    ...given({ address, tls }),
  });
  try {
    return await ask(question, dispatcher);
  } finally {
    await dispatcher.destroy();
  }
}

let kept: WebDispatcher | null = null;

/**
 * The same over connections that are kept for a while, for servers that are asked every few seconds. What went wrong with
 * a kept connection says nothing of the server, so the request is made once more over a new one: only for what may be
 * asked twice.
 */
export async function askOften(question: Question): Promise<Answer> {
  kept ??= new WebDispatcher();
  const answer = await ask(question, kept);
  return answer.kind === 'no-connection' ? askOnce(question) : answer;
}

/** The same over the connections of the caller. */
function ask(question: Question, dispatcher: WebDispatcher): Promise<Answer> {
  const span = () => requestSpan(question.url, question.method);
  return spanned(span, async (open) => {
    const headers = { ...question.headers, ...traceHeaders(open) };
    const answer = await askTraced({ ...question, headers }, dispatcher);
    return answer.kind === 'reply' ? answeredWith(open, answer) : answer;
  });
}

async function askTraced(question: Question, dispatcher: WebDispatcher): Promise<Answer> {
  const started = performance.now();
  const took = () => performance.now() - started;
  const signal = limited(question.timeoutMs, question.signal);
  try {
    const reply = await request(question.url, {
      dispatcher,
      method: (question.method ?? 'GET') as 'GET',
      headers: { 'user-agent': 'slipway', ...question.headers },
      body: question.body ?? null,
      headersTimeout: 0, // the signal covers the whole exchange
      bodyTimeout: 0,
      signal,
    });
    const { text, cut } = question.bodiless
      ? await thrownAway(reply.body)
      : await readBounded(reply.body, question.maxBytes ?? MAX_BYTES);
    const headers = Object.fromEntries(
      Object.entries(reply.headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]),
    );
    return { kind: 'reply', status: reply.statusCode, headers, body: text, cut, tookMs: took() };
  } catch (error) {
    const codes = codesOf(error);
    const proxy = signal.aborted ? null : proxyTroubleOf(error, question.url);
    if (signal.aborted || codes.some((code) => code.endsWith('TIMEOUT') || code === 'ETIMEDOUT')) {
      const limit = question.signal?.aborted ? took() : question.timeoutMs;
      const late = `no answer within ${durationInWords(limit)}${throughProxy(question.url)}`;
      return { kind: 'timeout', words: proxy?.message ?? late, tookMs: took() };
    }
    const words = proxy?.message ?? networkTrouble(codes, new URL(question.url));
    const own = proxy === null && isOwnTrouble(codes);
    return { kind: 'no-connection', words, ...(own ? { own } : {}), tookMs: took() };
  }
}

/** What comes at once, so that the connection can be kept. */
async function thrownAway(body: Dispatcher.ResponseData['body']): Promise<Body> {
  await body.dump({ limit: MAX_BYTES, signal: AbortSignal.timeout(DUMP_MS) }).catch(() => undefined);
  return { text: '', cut: true };
}

async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Body> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
    cut = bytes > maxBytes;
    if (cut) break; // leaving the loop destroys the body
  }
  return { text: Buffer.concat(chunks).toString('utf8'), cut };
}
