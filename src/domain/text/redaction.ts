/** Put in the place of a secret. */
const STARS = '***';

/**
 * Every way in which a secret is written in headers, addresses, JSON and dumps, the longest first: as it is, each of
 * its lines, percent-encoded, escaped as in JSON, in hex, and in base64 wherever it stands in what was encoded (as in
 * `Authorization: Basic`). Values and lines shorter than `least` are too common to be looked for.
 */
export function spellingsOf(secrets: Iterable<string>, least: number): readonly string[] {
  const plain = [...secrets]
    .flatMap((secret) => [secret, ...secret.split(/\r?\n|\\n/)])
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= least && !/^-----(BEGIN|END)[^\n]*$/.test(secret));
  const all = plain.flatMap((secret) => [
    secret,
    ...escaped(secret),
    ...percentEncoded(secret),
    Buffer.from(secret).toString('hex'),
    ...encoded(secret).filter((text) => text.length >= least),
  ]);
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

export function withoutSpellings(text: string, spellings: readonly string[]): string {
  return spellings.reduce((left, spelling) => left.replaceAll(spelling, STARS), text);
}

/** In JSON, and in JSON that is a text in JSON. */
function escaped(secret: string): readonly string[] {
  const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
  return [inJson(secret), inJson(inJson(secret))];
}

function percentEncoded(secret: string): readonly string[] {
  // A lone surrogate has no percent-encoding.
  if (/\p{Surrogate}/u.test(secret)) return [];
  const once = encodeURIComponent(secret);
  return [once, once.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()), encodeURIComponent(once)];
}

/** Base64 of a text that holds the secret at any place, but for the characters at its ends that others share. */
function encoded(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const whole = bytes.toString('base64');
  const inside = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    return text.slice(Math.ceil((before * 8) / 6), text.length - shared);
  });
  const standard = [whole, ...inside];
  return [...standard, ...standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

const LEAST_CHARS = 6;
/** `postgres`, `123456`: as likely to be an ordinary word or number. */
const COMMON = /^(?:[A-Za-z]{1,11}|\d{1,11})$/;

/** The secrets of this process. */
const known = new Set<string>();
let spellings: readonly string[] = [];

/**
 * From now on the value is taken out of the log, the database, messages and answers. For each value that is read as a
 * secret, where it is read. Gives the value back.
 */
export function keptSecret(value: string): string {
  if (value.length >= LEAST_CHARS && !COMMON.test(value) && !known.has(value)) {
    known.add(value);
    spellings = spellingsOf(known, LEAST_CHARS);
  }
  return value;
}

/**
 * A secret of the environment, without line ends at its end, which no header can bring; empty when there is none. From now
 * on it is taken out of everything, as by `keptSecret`.
 */
export function secretIn(env: Readonly<Record<string, string | undefined>>, name: string): string {
  return keptSecret((env[name] ?? '').replace(/[\r\n]+$/, ''));
}

/** The text without any secret of this process. */
export function redacted(text: string): string {
  return withoutSpellings(text, spellings);
}

/** The same for all texts in plain data; what is neither list nor plain object is left as it is. */
export function redactedData<T>(data: T): T {
  if (spellings.length === 0) return data;
  return walk(data) as T;
}

function walk(data: unknown): unknown {
  if (typeof data === 'string') return redacted(data);
  if (Array.isArray(data)) return data.map(walk);
  if (typeof data !== 'object' || data === null) return data;
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [redacted(key), walk(value)]));
}
