import { createHash } from 'node:crypto';
import { stringify } from 'yaml';

/** What a template may call, as Go's text/template, Sprig and Helm document it. Others are refused. */
export const FUNCTIONS: Readonly<Record<string, (...args: readonly unknown[]) => unknown>> = {
  toYaml: (value) => stringify(value, { sortMapEntries: true, lineWidth: 0 }).trimEnd(),
  nindent: (count, text) => `\n${String(text).replaceAll(/^/gm, ' '.repeat(number(count)))}`,
  quote: (value) => JSON.stringify(printed(value)),
  toJson: (value) => JSON.stringify(value),
  // Values come from JSON, in which every number is one.
  kindIs: (kind, value) => kind === (typeof value === 'number' ? 'float64' : typeof value),
  int: (value) => Math.trunc(number(value)),
  default: (other, value) => (isEmpty(value) ? other : value),
  contains: (part, text) => string(text).includes(string(part)),
  replace: (from, to, text) => string(text).replaceAll(string(from), string(to)),
  sha256sum: (text) => createHash('sha256').update(string(text)).digest('hex'),
  gt: (a, b) => number(a) > number(b),
  add: (a, b) => number(a) + number(b),
  or: (a, b) => (isEmpty(a) ? b : a),
  not: (value) => isEmpty(value),
  len: (value) => {
    if (typeof value === 'string' || Array.isArray(value)) return value.length;
    if (typeof value === 'object' && value !== null) return Object.keys(value).length;
    throw new Error(`len of ${typeof value}`);
  },
};

/** Go's idea of what is false in a condition. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0 || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** As it is written into the text; what is not there, and whole maps, would be written as nonsense. */
export function printed(value: unknown): string {
  // Go writes large numbers with an exponent.
  if (typeof value === 'number' && Math.abs(value) >= 1e6)
    return value.toExponential().replace(/\+(\d)$/, '+0$1');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new Error(`a template writes ${value === undefined ? 'nothing' : JSON.stringify(value)}`);
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new Error(`text is expected, not ${JSON.stringify(value)}`);
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`a number is expected, not ${JSON.stringify(value)}`);
  return value;
}
