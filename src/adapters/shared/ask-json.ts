import type { z } from 'zod';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { askOften, type HttpReply, type Question } from './http.ts';
import { jsonOf, waitOf } from './reply.ts';

const MAX_BYTES = 8 * 1024 * 1024;
const MOST_WORDS = 200;
const TOO_LONG = 'it is too long';

export interface TextQuestion extends Omit<Question, 'maxBytes'> {
  /** In words for people: "Alertmanager". */
  readonly source: string;
  /** Its place in the config: `alerts`, `logs`. */
  readonly setting: string;
  /** Where a refused question has its reason, by parsed body; absent: nothing is quoted. */
  readonly reasonIn?: (body: unknown) => string | undefined;
  /** The header that says in how many seconds its limit begins anew, read with 429; besides Retry-After. */
  readonly waitIn?: string;
}

interface JsonQuestion<T> extends TextQuestion, JsonShape<T> {}

interface JsonShape<T> {
  readonly source: string;
  readonly setting: string;
  readonly answer: z.ZodType<T>;
}

/**
 * Asks an API for JSON and reads the answer by its schema. Throws Unavailable for what may pass (no connection, 429,
 * 5xx, half an answer), and a Refusal for what a person has to mend: credentials, the question, another server there.
 */
export async function askJson<T>(question: JsonQuestion<T>): Promise<T> {
  const { answer: _, ...asked } = question;
  const reply = await replyTo({ ...asked, headers: { accept: 'application/json', ...asked.headers } });
  return jsonIn(reply, question);
}

/** What was answered, by its schema. Throws Unavailable for half an answer, a Refusal for another one. */
export function jsonIn<T>(reply: HttpReply, { source, setting, answer }: JsonShape<T>): T {
  const body = jsonOf(reply);
  if (body === undefined) {
    // Only then: JSON is often sent as text/html, which is what PHP says where nothing else is said.
    mustBeUsable(reply, source, setting);
    throw new Unavailable(source, 'its answer was not understood');
  }
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  const reason = `it has not the shape that ${source} documents${where === '' ? '' : `, at ${where.slice(0, 80)}`}`;
  throw new Refusal('source-unclear', { source, setting, reason });
}

/** The same for an answer of plain text. */
export async function askText(question: TextQuestion): Promise<string> {
  const reply = await replyTo(question);
  mustBeUsable(reply, question.source, question.setting);
  return reply.body;
}

async function replyTo(question: TextQuestion): Promise<HttpReply> {
  const { source, setting: _setting, reasonIn: _, waitIn: _wait, ...asked } = question;
  const answer = await askOften({ ...asked, maxBytes: MAX_BYTES });
  if (answer.kind !== 'reply') throw new Unavailable(source, answer.words);
  if (answer.status < 200 || answer.status > 299) throw failureOf(answer, question);
  return answer;
}

function mustBeUsable(reply: HttpReply, source: string, setting: string): void {
  const reason = reply.cut
    ? TOO_LONG
    : isPage(reply)
      ? 'it is a web page, perhaps of a sign-in or a proxy'
      : null;
  if (reason !== null) throw new Refusal('source-unclear', { source, setting, reason });
}

/** Asks for half as much, and again, where the answer is too long to be read. */
export async function lessWhereTooLong<T>(
  most: number,
  ask: (most: number) => Promise<T>,
): Promise<{ readonly answer: T; readonly asked: number }> {
  for (let asked = most; ; asked = Math.floor(asked / 2)) {
    try {
      return { answer: await ask(asked), asked };
    } catch (error) {
      const isTooLong = error instanceof Refusal && error.facts['reason'] === TOO_LONG;
      if (!isTooLong || asked < 2) throw error;
    }
  }
}

/** Unavailable for what may pass, a Refusal for what a person has to mend. */
export function failureOf(
  answer: Heard,
  {
    source,
    setting,
    reasonIn,
    waitIn = '',
  }: Pick<TextQuestion, 'source' | 'setting' | 'reasonIn' | 'waitIn'>,
): Error {
  const { status } = answer;
  if (status === 401 || status === 403)
    return new Refusal('source-unauthorised', { source, setting, status });
  if (status === 408 || status === 425 || status === 429 || status >= 500) {
    const limit = status === 429 ? answer.headers[waitIn] : undefined;
    return new Unavailable(source, `it answered ${status}`, waitOf(limit ?? answer.headers['retry-after']));
  }
  const body = jsonOf(answer);
  const said = body !== undefined ? reasonIn?.(body) : isPage(answer) ? undefined : firstLine(answer.body);
  const reason = said ? `${said.slice(0, MOST_WORDS)} (${status})` : `it answered ${status}`;
  return new Refusal('source-refused', { source, setting, reason });
}

type Heard = Pick<HttpReply, 'status' | 'headers' | 'body' | 'cut'>;

function firstLine(body: string): string {
  return (body.slice(0, 1_000).trim().split('\n', 1)[0] ?? '').trim();
}

function isPage({ headers, body }: Pick<Heard, 'headers' | 'body'>): boolean {
  return (headers['content-type'] ?? '').includes('text/html') || /^\s{0,100}<(?:!doctype|html)/i.test(body);
}
