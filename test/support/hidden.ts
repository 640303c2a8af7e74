/** Characters that nobody sees, one of each kind. */
export const HIDDEN = [
  '\u200b',
  '\u200c',
  '\u200d',
  '\u2060',
  '\u3164',
  '\ufeff',
  '\u00ad',
  '\ufe00',
  '\u{e0041}',
  '\u202e',
  '\u2066',
  '\u061c',
  '\u034f',
  '\u0007',
  '\u009b',
] as const;

/** A text that holds all of them between letters. */
export const HIDING = `a${HIDDEN.join('b')}c`;

/** Those of them that are left in a text. */
export function leftIn(text: string): readonly string[] {
  return HIDDEN.filter((hidden) => text.includes(hidden)).map(
    (hidden) => hidden.codePointAt(0)?.toString(16) ?? '',
  );
}

/** A copy of plain data and functions in which `from` is `to` in every text. */
export function withText<T>(value: T, from: string, to: string): T {
  if (typeof value === 'string') return value.replaceAll(from, to) as T;
  if (Array.isArray(value)) return value.map((one) => withText(one, from, to)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withText(one, from, to)])) as T;
}
