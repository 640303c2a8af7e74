/** What Redis answers, as RESP2 has it. */
export type Reply = string | number | null | RedisError | readonly Reply[];

/** `-WRONGPASS invalid username-password pair`: an answer, too. */
export class RedisError extends Error {
  override readonly name = 'RedisError';
}

/** A server that does not speak the protocol, or sends more than anybody asked for. */
export class NotRedis extends Error {
  override readonly name = 'NotRedis';
}

const MOST_DEPTH = 4;
const MOST_ELEMENTS = 10_000;
/** The longest line: a status, an error, a number. */
const MOST_LINE = 4_096;

/**
 * The reply that begins at `from`, and where the next one does; null while it is not complete. Throws NotRedis. Source:
 * the Redis serialization protocol specification, version 2.
 */
export function decodeReply(
  bytes: Buffer,
  from = 0,
  depth = 0,
): { readonly reply: Reply; readonly next: number } | null {
  if (depth > MOST_DEPTH) throw new NotRedis('its answer is nested too deeply');
  if (from >= bytes.length) return null;
  const end = bytes.indexOf('\r\n', from);
  if (end < 0) {
    if (bytes.length - from > MOST_LINE) throw new NotRedis('its answer has no end');
    if (!'+-:$*'.includes(String.fromCharCode(bytes[from] ?? 0)))
      throw new NotRedis('it answered something else');
    return null;
  }
  const line = bytes.toString('utf8', from + 1, Math.min(end, from + MOST_LINE));
  const next = end + 2;
  switch (String.fromCharCode(bytes[from] ?? 0)) {
    case '+':
      return { reply: line, next };
    case '-':
      return { reply: new RedisError(line), next };
    case ':':
      return { reply: whole(line), next };
    case '$':
      return bulk(bytes, whole(line), next);
    case '*':
      return list(bytes, whole(line), next, depth);
    default:
      throw new NotRedis('it answered something else');
  }
}

function bulk(bytes: Buffer, length: number, from: number) {
  if (length < 0) return { reply: null, next: from };
  const end = from + length;
  if (bytes.length < end + 2) return null;
  if (bytes[end] !== 13 || bytes[end + 1] !== 10) throw new NotRedis('it answered something else');
  return { reply: bytes.toString('utf8', from, end), next: end + 2 };
}

function list(bytes: Buffer, length: number, from: number, depth: number) {
  if (length < 0) return { reply: null, next: from };
  if (length > MOST_ELEMENTS) throw new NotRedis('its answer is too long');
  const reply: Reply[] = [];
  let next = from;
  for (let index = 0; index < length; index++) {
    const element = decodeReply(bytes, next, depth + 1);
    if (element === null) return null;
    reply.push(element.reply);
    next = element.next;
  }
  return { reply, next };
}

function whole(line: string): number {
  const value = /^[+-]?\d{1,16}$/.test(line) ? Number(line) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new NotRedis('it answered something else');
  return value;
}
