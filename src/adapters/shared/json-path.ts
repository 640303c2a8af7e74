import { z } from 'zod';
import type { HttpReply } from './http.ts';

const STEP = /[^.[\]]+|\[\d+\]/g;

/** `status`, `checks.database`, `items[0].name`; dots and brackets cannot be part of a name. */
export const JsonPath = z
  .string()
  .regex(/^[^.[\]]+(\[\d+\])*(\.[^.[\]]+(\[\d+\])*)*$/, 'a path such as checks.database or items[0].name');

/** The value at a path of parsed JSON; undefined when there is none. */
export function valueAt(json: unknown, path: string): unknown {
  let value = json;
  for (const [step] of path.matchAll(STEP)) {
    const key = step.startsWith('[') ? step.slice(1, -1) : step;
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** The number at a path; null when there is none. Texts are taken too, as large numbers are often written so. */
export function numberAt(json: unknown, path: string): number | null {
  const value = valueAt(json, path);
  const number = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** The body as JSON, or why it is none. */
export function parseJson(
  answer: HttpReply,
): { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'bad'; readonly words: string } {
  if (answer.cut) return { kind: 'bad', words: 'the body is longer than 1 MiB' };
  try {
    return { kind: 'json', value: JSON.parse(answer.body) };
  } catch {
    return { kind: 'bad', words: 'the body is not JSON' };
  }
}
