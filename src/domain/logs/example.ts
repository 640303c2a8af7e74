import { redacted } from '../text/redaction.ts';

const MOST_CHARS = 400;

/** What is likely a secret, or names a person; each pattern looks at a character a bounded number of times. */
const LIKELY: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic|token)(\s+)[\w+/=.~-]{8,}/gi, '$1$2***'],
  [
    /\b(passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|credential|authorization|cookie|session)(s?["']?\s{0,3}[=:]\s{0,3}["']?)[^\s"',;&]{3,}/gi,
    '$1$2***',
  ],
  [/\beyJ[\w-]{10,}\.[\w.-]{10,}/g, '***'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, '***'],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|xox[a-z]-|sk_live_|rk_live_|npm_|HRKU-)[\w-]{8,}/g, '***'],
  [/:\/\/[^\s/:@]{0,80}:[^\s/@]{1,200}@/g, '://***@'],
  [/\b[\w+/-]{40,}={0,2}/g, '***'],
];

/**
 * A log line as it may be shown: without the secrets of this process and without what looks like a secret or an e-mail
 * address, on one line, cut.
 */
export function exampleOf(text: string): string {
  const [line = ''] = redacted(text.slice(0, 16 * MOST_CHARS))
    .trimStart()
    .split('\n', 1);
  const clean = LIKELY.reduce(
    (left, [shape, stars]) => left.replace(shape, stars),
    line.slice(0, 4 * MOST_CHARS),
  );
  const words = clean.split(' ').map((word) => (isAddress(word) ? '***' : word));
  return words.join(' ').slice(0, MOST_CHARS);
}

function isAddress(word: string): boolean {
  const at = word.indexOf('@');
  return at > 0 && word.indexOf('.', at) > at + 1 && !word.includes('/');
}
