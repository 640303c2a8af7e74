import { withoutHidden } from '../text/visible.ts';

/** Stands for a part of a message that differs from one time to the next. */
export const ANY = '<*>';

/** In place of the same where a message says it: whoever writes it must not fit every other message. */
const SAID_ANY = '<x>';

const MOST_CHARS = 1_000;
const MOST_TOKENS = 40;
const MOST_TOKEN_CHARS = 80;
/** As long as this, a word is more likely an id than a word. */
const LONG_PIECE = 32;

/** What holds the parts of a word together. */
const JOINT = /([=,;:()[\]{}<>"'|/\\&?#@]+)/;
const COLOURS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
  /\u001b\[[0-9;]{0,20}[A-Za-z]/g;

/**
 * A message as words, with everything masked that differs each time: numbers, times, ids, hex, parts of paths. Only the
 * first line of it counts, and not more than a thousand characters. Takes time in proportion to the length.
 */
export function templateOf(text: string): readonly string[] {
  const cut = text.slice(0, 4 * MOST_CHARS).trimStart();
  const [line = ''] = cut.split('\n', 1);
  return withoutHidden(line.slice(0, MOST_CHARS).replace(COLOURS, ''))
    .split(/\s+/)
    .filter((token) => token !== '')
    .slice(0, MOST_TOKENS)
    .map((token) => token.split(JOINT).map(masked).join('').slice(0, MOST_TOKEN_CHARS))
    .map((token) => (token === ANY ? SAID_ANY : token));
}

/** A part of a word without joints. */
function masked(piece: string): string {
  if (piece === '') return piece;
  if (piece.length >= LONG_PIECE && !/^[a-z-]+$/i.test(piece)) return '<id>';
  if (!/\d/.test(piece)) return piece;
  if (/^[-+]?[\d.,_]+(?:[a-zµ%]{1,3})?$/i.test(piece)) return '<n>';
  if (piece.length >= 6 && /^(?:0x)?[0-9a-f-]+$/i.test(piece)) return '<id>';
  const numbers = piece.replace(/\d+/g, '<n>');
  return numbers.split('<n>').length > 3 ? '<id>' : numbers;
}

/** Whether a message can be one of a template with `<*>` in it. */
export function fits(template: readonly string[], message: readonly string[]): boolean {
  return (
    template.length === message.length &&
    template.every((token, index) => token === ANY || message[index] === ANY || token === message[index])
  );
}

/** Two messages as one template: where they differ is `<*>`. Null when they are too different to be of one kind. */
export function merged(a: readonly string[], b: readonly string[]): readonly string[] | null {
  if (a.length !== b.length || a.length < 3) return null;
  const both = a.map((token, index) => (token === b[index] ? token : ANY));
  const alike = both.filter((token) => token !== ANY).length;
  return alike >= Math.ceil(0.7 * both.length) ? both : null;
}
