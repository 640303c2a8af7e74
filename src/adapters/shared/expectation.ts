import { z } from 'zod';
import { groupCount, searchBounded } from '../../domain/text/bounded-pattern.ts';
import { jsonOf } from '../../domain/text/json.ts';
import { visible } from '../../domain/text/visible.ts';

const Pattern = z.string().refine((pattern) => groupCount(pattern, 'u') !== null, {
  error: 'a regular expression of at most 2,000 characters',
});

/** What a value of the answer must be. Nothing given: it must be there. */
export const Expectation = z.strictObject({
  equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
  contains: z.string().min(1).optional(),
  matches: Pattern.optional(),
});
export type Expectation = z.infer<typeof Expectation>;

/** Null when the value is as expected, else the difference in plain words. `what` names the value. */
export function difference(what: string, value: unknown, expected: Expectation): string | null {
  if (value === undefined) return `${what} is missing`;
  if (expected.equals !== undefined && !same(value, expected.equals)) {
    return `${what} is ${quoted(value)}, expected ${quoted(expected.equals)}`;
  }
  const text = typeof value === 'string' ? value : jsonOf(value);
  if (expected.contains !== undefined && !text?.includes(expected.contains)) {
    return `${what} does not contain ${quoted(expected.contains)}`;
  }
  if (expected.matches === undefined) return null;
  const found = text !== null && searchBounded(expected.matches, 'u', text);
  if (found === 'slow') return `${what} is too much for the pattern ${quoted(expected.matches)}`;
  return found ? null : `${what} is ${quoted(value)}, expected a match of ${quoted(expected.matches)}`;
}

/** A header is always text, so `1` and `"1"` are the same there and `true` and `"true"`. */
function same(value: unknown, expected: string | number | boolean | null): boolean {
  return value === expected || (typeof value === 'string' && value === String(expected));
}

const SHOWN = 80;

/** A foreign value, short and on one line. What has more levels than can be written is only said to be there. */
export function quoted(value: unknown): string {
  const text = visible(jsonOf(value) ?? (Array.isArray(value) ? '[…]' : '{…}'));
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}
