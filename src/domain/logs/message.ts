import { jsonIn } from '../text/json.ts';

/** Keys under which loggers write what people read, the likeliest first. */
const KEYS = ['message', 'msg', 'error', 'err', 'exception', 'event', 'log', 'text', '@message'];
const LONGEST_JSON = 65_536;
const DEPTH = 3;

/** What people read of a log line: of JSON its message, of anything else the line itself. */
export function messageIn(line: string): string {
  const text = line.trim();
  if (!text.startsWith('{') || text.length > LONGEST_JSON) return text;
  return messageOf(jsonIn(text), DEPTH) ?? text;
}

/** The message of a parsed line; null where there is none. */
function messageOf(value: unknown, depth: number): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || depth === 0) return null;
  for (const key of KEYS) {
    const found = Object.hasOwn(value, key)
      ? messageOf((value as Record<string, unknown>)[key], depth - 1)
      : null;
    if (found !== null) return found;
  }
  return null;
}
