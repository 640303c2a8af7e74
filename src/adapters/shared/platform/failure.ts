import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { HttpReply } from '../http.ts';

interface Account {
  readonly platform: string;
  readonly proof?: 'token' | 'signature';
  readonly tokenName: string;
  readonly now: () => number;
}

interface Asked {
  readonly doing: string;
  readonly needs: string;
  readonly what: string;
}

const MOST_SAID_CHARS = 200;
const REDIRECT = 'its API answers with a redirect, so the address in the config is not the right one';

/** An answer that is no success, as an outage that passes or a refusal that a person can act on. */
export function platformFailure(
  answer: HttpReply,
  { platform, proof = 'token', tokenName: token, now }: Account,
  { doing, needs, what }: Asked,
): Error {
  const { status } = answer;
  const said = saidIn(answer);
  if (status === 429 || status === 408 || status >= 500) {
    const reason = status === 429 ? 'it asks for fewer requests (429)' : `it answered ${status}`;
    return new Unavailable(platform, reason, { retryAfterMs: retryAfter(answer.headers, now()) });
  }
  if (status === 401) return new Refusal('platform-unauthorised', { platform, proof, token, said });
  if (status === 403) return new Refusal('platform-forbidden', { platform, doing, needs, token, said });
  if (status === 404) return new Refusal('platform-not-found', { platform, what, needs, said });
  if (status < 400) {
    const facts = { target: platform, reason: REDIRECT, to: answer.headers['location'] ?? '' };
    return new Refusal('target-misconfigured', facts);
  }
  return new Refusal('platform-refused', { platform, doing, status, said });
}

/** What the platform says about its failure: `{error: {message}}`, `{message}`, `{error: text}`, or as GitLab says it. */
function saidIn(answer: HttpReply): string {
  const body = jsonOf(answer);
  const outer = isMap(body) ? body : {};
  const inner = isMap(outer['error']) ? outer['error'] : {};
  const said = [inner['message'], outer['error_description'], outer['message'], outer['error']];
  const plain = (said.map(wordsIn).find((text) => text !== '') ?? '').replace(/\s+/g, ' ').trim();
  return plain.length > MOST_SAID_CHARS ? `${plain.slice(0, MOST_SAID_CHARS)}…` : plain;
}

/** A text, a list of them, or lists by the name of a field: `{"base": ["Reference not found"]}`. */
function wordsIn(said: unknown): string {
  if (typeof said === 'string') return said;
  if (Array.isArray(said)) return said.filter((one) => typeof one === 'string').join('; ');
  if (!isMap(said)) return '';
  return Object.entries(said)
    .map(([field, about]) => (field === 'base' ? wordsIn(about) : `${field} ${wordsIn(about)}`))
    .join('; ');
}

/**
 * How long to wait, in ms; undefined when it is not said. `Retry-After` in seconds or as a date (RFC 9110, 10.2.3),
 * else `X-RateLimit-Reset` in seconds since the epoch, as Vercel and Netlify send it, or `RateLimit-Reset`, as GitLab does.
 */
function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const after = headers['retry-after'];
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']);
  const waits = [Number(after) * 1_000, Date.parse(after ?? '') - now, reset * 1_000 - now];
  return waits.find((wait) => Number.isFinite(wait) && wait > 0);
}

export const NOT_JSON = Symbol('not JSON');

/** Undefined for no body. */
export function jsonOf(answer: HttpReply): unknown {
  if (answer.body.trim() === '') return undefined;
  try {
    return JSON.parse(answer.body);
  } catch {
    return NOT_JSON;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
