import { createHash } from 'node:crypto';
import { jsonIn } from '../../text/json.ts';
import type { FileChange } from '../release.ts';

/** What of composer.json the `content-hash` of its lock is made of, in the order in which it is hashed. */
const HASHED = [
  'conflict',
  'extra',
  'minimum-stability',
  'name',
  'prefer-stable',
  'provide',
  'replace',
  'repositories',
  'require',
  'require-dev',
  'version',
];
const MOST_LEVELS = 100;

/** The composer.json of a composer.lock; null for any other file. */
export function manifestOf(path: string): string | null {
  return /(?:^|\/)composer\.lock$/.test(path) ? path.replace(/lock$/, 'json') : null;
}

/** The lock with the hash of the changed composer.json; null where it has no hash that fits the one before. */
export function rehashed(
  lock: { readonly path: string; readonly text: string },
  before: string,
  after: string,
): FileChange | null {
  const [was, is] = [contentHash(before), contentHash(after)];
  if (was === null || is === null) return null;
  const text = lock.text.replace(new RegExp(`(?<="content-hash": *")${was}(?=")`), is);
  return text === lock.text ? null : { path: lock.path, text };
}

/** As Composer works it out; null for what is no object of JSON or nested too deeply. */
export function contentHash(text: string): string | null {
  const content = jsonIn(text);
  if (!isObject(content)) return null;
  const { config } = content;
  const platform = isObject(config) ? config['platform'] : undefined;
  const hashed = Object.fromEntries(
    HASHED.filter((key) => Object.hasOwn(content, key)).map((key) => [key, content[key]]),
  );
  // In order: all else comes after `config`.
  const sorted = platform == null ? hashed : { config: { platform }, ...hashed };
  const json = asPhp(sorted, 0);
  return json === null ? null : createHash('md5').update(json).digest('hex');
}

/** JSON as PHP writes what it has read: an object without keys, or with those of a list, is a list. */
function asPhp(value: unknown, level: number): string | null {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (level > MOST_LEVELS) return null;
  const isList = Object.keys(value).every((key, index) => key === String(index));
  const parts = Object.entries(value).map(([key, inner]) => {
    const json = asPhp(inner, level + 1);
    return json === null || isList ? json : `${quoted(key)}:${json}`;
  });
  if (parts.includes(null)) return null;
  return isList ? `[${parts.join(',')}]` : `{${parts.join(',')}}`;
}

/** With slashes and all but ASCII escaped. */
function quoted(text: string): string {
  const escaped = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text)
    .replaceAll('/', '\\/')
    .replaceAll(/[\u0080-\uffff]/g, escaped);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
