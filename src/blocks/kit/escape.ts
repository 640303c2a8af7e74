import { visible } from '../../domain/text/visible.ts';

/**
 * Text from outside (commit titles, branch names, notes, answers of other systems) on its way into Slack.
 * Where a block can take `plain_text`, `raw_text` or rich text, outside text goes there, cleaned. Where only
 * mrkdwn or a fallback `text` exists, it goes through `inert`, after which no parser finds syntax in it.
 */

/** Ids that Slack gives to people; anything else is shown as text, never as a mention. */
const USER_ID = /^[UW][A-Z0-9]+$/;

/** Characters of mrkdwn's syntax, and characters that look like them and have no meaning to a parser. */
const LOOKALIKES: Readonly<Record<string, string>> = { '*': '∗', '~': '∼', '`': 'ˋ', _: 'ˍ' };

const WORD_JOINER = '\u2060';

/** Outside text made displayable: nothing in it is hidden, no lone surrogates; newlines are `\n`. */
export function cleanLines(text: string): string {
  const lines = text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n');
  return visible(lines).replace(/\p{Surrogate}/gu, '\ufffd');
}

/** The same on one line, spaces collapsed. */
export function clean(text: string): string {
  return cleanLines(text).replace(/\s+/g, ' ').trim();
}

/**
 * At most `max` UTF-16 units (what JavaScript and, at its strictest, Slack count), cut between code points,
 * with an ellipsis where something was cut.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = '';
  for (const point of text) {
    if (kept.length + point.length > max - 1) break;
    kept += point;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * Outside text for a mrkdwn field, on one line: no mention, link, formatting, emoji code, quote or list comes
 * out of it. At most `max` characters of the result; an entity is never cut in two.
 */
export function inert(text: string, max = 3_000): string {
  // Nothing gets shorter by being escaped.
  const points = [...withoutSyntax(clean(text).slice(0, max + 2))];
  const escaped = points.map((point, at) => entity(point, points[at - 1], points[at + 1], at));
  const total = escaped.reduce((sum, part) => sum + part.length, 0);
  if (total <= max) return escaped.join('');
  let kept = '';
  for (const part of escaped) {
    if (kept.length + part.length > max - 1) break;
    kept += part;
  }
  return `${kept.trimEnd()}…`;
}

/** Breaks what is recognised across several characters: addresses that link themselves, emoji codes. */
function withoutSyntax(text: string): string {
  return text.replace(/[:@](?=\S)/g, `$&${WORD_JOINER}`).replace(/www(?=\.)/gi, `$&${WORD_JOINER}`);
}

function entity(point: string, before: string | undefined, after: string | undefined, at: number): string {
  if (point === '&') return '&amp;';
  if (point === '<') return '&lt;';
  // Slack reads `&gt;` at the start of a line as a quote.
  if (point === '>') return at === 0 ? '›' : '&gt;';
  // Inside a word an underscore formats nothing, and people copy such names.
  if (point === '_' && isWord(before) && isWord(after)) return '_';
  return LOOKALIKES[point] ?? point;
}

function isWord(point: string | undefined): boolean {
  return point !== undefined && /[\p{L}\p{N}]/u.test(point);
}

/** A mention, when the id is one; else the cleaned text. */
export function mention(user: string): string {
  return USER_ID.test(user) ? `<@${user}>` : inert(user, 80);
}

export function isUserId(user: string): boolean {
  return USER_ID.test(user);
}

/** The address when it is a link that Slack takes: http or https, at most 3,000 characters. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || url.length > 3_000 || !URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return undefined;
  // As parsed, so that no raw `|`, `>` or space ends the link early.
  return parsed.href.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E');
}

/** How a time is shown; the reader's time zone is filled in by Slack. */
export type TimeStyle = 'time' | 'short' | 'long';

const TOKENS: Readonly<Record<TimeStyle, string>> = {
  time: '{time}',
  short: '{date_short_pretty} {time}',
  long: '{date_long_pretty} {time_secs}',
};

export function timeFormat(style: TimeStyle): string {
  return TOKENS[style];
}

/** UTC, for clients that cannot fill in the token. `2026-11-22 23:53 UTC`. */
export function timeFallback(ms: number): string {
  return `${new Date(safeTime(ms)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Slack date token. @see https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export function time(ms: number, style: TimeStyle = 'short'): string {
  return `<!date^${Math.floor(safeTime(ms) / 1_000)}^${TOKENS[style]}|${timeFallback(ms)}>`;
}

export function safeTime(ms: number): number {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15 ? ms : 0;
}
