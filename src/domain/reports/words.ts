/** Longer texts are read so far. */
const MOST_CHARS = 4_000;
const LONGEST_QUOTE = 140;

/** What people write when something does not work. */
export const PROBLEM_WORDS: readonly string[] = [
  'broken',
  'bug',
  'cannot',
  "can't",
  'crash',
  'crashes',
  'crashed',
  'does not work',
  "doesn't work",
  'not working',
  'down',
  'error',
  'errors',
  'fails',
  'failed',
  'failing',
  'outage',
  'timeout',
];

/** The first of the words that a text says, as whole words; null when it says none. */
export function wordSaidIn(text: string, words: readonly string[]): string | null {
  const said = plainWords(text.slice(0, MOST_CHARS));
  return words.find((word) => said.includes(plainWords(word))) ?? null;
}

/** Letters and digits of whatever script in lower case, a blank between and around the words. */
function plainWords(text: string): string {
  const found = text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return ` ${found.join(' ')} `;
}

/** What tells the same words from others, however they are written. */
export function sameWords(text: string): string {
  return plainWords(text.slice(0, MOST_CHARS)).trim();
}

/** The beginning of a text on one line. */
export function shortQuote(text: string): string {
  const line = text.slice(0, MOST_CHARS).replace(/\s+/g, ' ').trim();
  const letters = [...line];
  return letters.length <= LONGEST_QUOTE ? line : `${letters.slice(0, LONGEST_QUOTE - 1).join('')}…`;
}
