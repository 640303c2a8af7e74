import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isValidSlackRequest } from '@slack/bolt';
import type { Logger } from 'pino';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { jsonIn } from '../../domain/text/json.ts';
import { senderOf } from './sender.ts';
import type { Turns } from './turns.ts';

/** Slack's requests are a few kB; a view with all its state is at most 250 kB. In bytes. */
const MOST_BODY = 1024 * 1024;
/** A request is refused when its time differs from ours by more, in either direction. In seconds. */
const WINDOW_S = 300;

export interface SignedRequests {
  readonly signingSecret: string;
  /** False for a signature that was taken before, by any replica, within the window. Throws Unavailable. */
  readonly isNew: (signature: string) => Promise<boolean>;
  /** ms since the epoch */
  readonly now: () => number;
  readonly log: Logger;
  /** Where the work waits for its turn. */
  readonly turns: Turns;
  /** What is done with a payload that has been acknowledged. */
  readonly work: (event: SignedEvent) => Promise<void>;
}

interface SignedEvent {
  readonly body: Record<string, unknown>;
  readonly retryNum?: number;
  readonly retryReason?: string;
}

/**
 * Lets only those requests through that Slack signed within the last five minutes, each of them once. Answers 401 to a
 * signature that is wrong, old or of the future, 409 to one that this process took before, and 413 to a body that is too
 * long, and 429 to whose requests wait in numbers. Whatever people did is acknowledged at once, and worked on unless another process took it before. Events, which
 * Slack sends again, get 409 for that too, and 503 while the database is away.
 *
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function onlySigned(listener: RequestListener, settings: SignedRequests): RequestListener {
  const { turns } = settings;
  const taken = new TakenSignatures();
  return (request, response) => {
    void admit(request, settings, taken)
      .catch((error: unknown) => {
        settings.log.warn({ err: error }, 'a request over HTTP could not be read');
        return error instanceof Unavailable ? 503 : 400;
      })
      .then((status) => {
        if (status !== 200) refuse(response, status);
        else if (isToBeAnswered(request)) listener(request, response);
        else if (turns.start(() => worked(request, settings), senderIn(request))) {
          // Slack does not wait behind work, and reads nothing in the answer.
          response.writeHead(200).end();
        } else {
          settings.log.warn({ user: senderIn(request) }, 'too many requests of one person wait');
          refuse(response, 429);
        }
      });
  };
}

async function worked(request: IncomingMessage, settings: SignedRequests): Promise<void> {
  const { work, log } = settings;
  try {
    if (!isEvent(request) && !(await isNewOrUnknown(request, settings))) return;
    const attempt = Number(request.headers['x-slack-retry-num']);
    const reason = request.headers['x-slack-retry-reason'];
    const retryNum = Number.isInteger(attempt) ? attempt : undefined;
    const retryReason = typeof reason === 'string' ? reason : undefined;
    await work({ body: payloadOf(request), ...given({ retryNum, retryReason }) });
  } catch (error) {
    log.error({ err: error }, 'what Slack sent could not be worked on');
  }
}

function senderIn(request: IncomingMessage): string {
  try {
    return senderOf(payloadOf(request));
  } catch {
    return '';
  }
}

/** Events are JSON; commands are a form; whatever people press is JSON in a form. */
function payloadOf(request: IncomingMessage): Record<string, unknown> {
  const body = String((request as { rawBody?: Buffer }).rawBody ?? '');
  if (isEvent(request)) return JSON.parse(body);
  const fields = new URLSearchParams(body);
  const payload = fields.get('payload');
  return payload === null ? Object.fromEntries(fields) : JSON.parse(payload);
}

/** Slack looks whether the address is ours: it wants to read something in the answer. */
function isToBeAnswered(request: IncomingMessage): boolean {
  const body = String((request as { rawBody?: Buffer }).rawBody ?? '');
  return isVerification(body) || new URLSearchParams(body).get('ssl_check') === '1';
}

/** By its type: the word may also be something that a person wrote. */
function isVerification(body: string): boolean {
  if (!body.includes('url_verification')) return false;
  const sent = jsonIn(body) as { readonly type?: unknown } | null | undefined;
  return sent?.type === 'url_verification';
}

/** Only events are JSON; Slack sends them again when they are not acknowledged. */
function isEvent(request: IncomingMessage): boolean {
  return request.headers['content-type']?.startsWith('application/json') === true;
}

/** While the database is away nobody can say; then nothing can be done either, and whoever asked is told so. */
async function isNewOrUnknown(request: IncomingMessage, settings: SignedRequests): Promise<boolean> {
  try {
    return await isFirst(request, settings);
  } catch (error) {
    if (error instanceof Unavailable) return true;
    throw error;
  }
}

async function isFirst(request: IncomingMessage, { isNew, log }: SignedRequests): Promise<boolean> {
  if (await isNew(signedBy(request).signature)) return true;
  log.warn({ from: request.socket.remoteAddress }, 'a signed request came a second time');
  return false;
}

async function admit(
  request: IncomingMessage,
  settings: SignedRequests,
  taken: TakenSignatures,
): Promise<number> {
  const body = await bodyOf(request);
  if (body === null) return 413;
  // The listener reads the body from here: the stream is used up.
  Object.assign(request, { rawBody: body });
  const { signature, time } = signedBy(request);
  const { signingSecret, now, log } = settings;
  const age = Math.abs(now() / 1_000 - time);
  const isSigned = isValidSlackRequest({
    signingSecret,
    body: body.toString('utf8'),
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': time },
    nowMilliseconds: now(),
  });
  if (!isSigned || !(age <= WINDOW_S)) {
    // Slack looks, without a signature, whether the certificate of the address is good.
    if (new URLSearchParams(body.toString('utf8')).get('ssl_check') === '1') return 204;
    log.warn({ from: request.socket.remoteAddress }, 'a request was not signed by Slack within five minutes');
    return 401;
  }
  if (!taken.add(signature, now())) {
    log.warn({ from: request.socket.remoteAddress }, 'a signed request came a second time');
    return 409;
  }
  if (!isEvent(request)) return 200;
  try {
    return (await isFirst(request, settings)) ? 200 : 409;
  } catch (error) {
    taken.forget(signature);
    throw error;
  }
}

/** Signatures that this process took; those that are too old to be taken again are forgotten. */
class TakenSignatures {
  readonly #until = new Map<string, number>();

  /** False when it was taken before. `now` is ms since the epoch. */
  add(signature: string, now: number): boolean {
    for (const [old, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(old);
    }
    if (this.#until.has(signature)) return false;
    // A request of the future may come until it is as old as one may be.
    this.#until.set(signature, now + 2 * WINDOW_S * 1_000);
    return true;
  }

  forget(signature: string): void {
    this.#until.delete(signature);
  }
}

function signedBy({ headers }: IncomingMessage): { readonly signature: string; readonly time: number } {
  const signature = headers['x-slack-signature'];
  const time = headers['x-slack-request-timestamp'];
  return {
    // Written in one way only: who verifies it reads no further than to a second `=`, who remembers it remembers all of it.
    signature: typeof signature === 'string' && /^v0=[0-9a-f]{64}$/.test(signature) ? signature : '',
    time: typeof time === 'string' && /^\d{1,12}$/.test(time) ? Number(time) : Number.NaN,
  };
}

/** Null when it is longer than allowed. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > MOST_BODY) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: 'close' }).end();
}
