import { EXTENSION_MS } from '../../blocks/kit/button-value.ts';
import { COURTESIES } from '../../domain/commands/words.ts';
import { parseSpokenDuration } from '../../domain/text/duration.ts';
import { given } from '../../domain/text/given.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { asTyped } from '../../domain/text/typed.ts';
import { VERSION_WORD, withoutMentions, withoutStyle } from './markup.ts';
import { nearestTypo } from './typo.ts';

/** What a person's words in a promotion's thread ask for; null when they ask for nothing. */
export type ThreadRequest =
  | { readonly kind: 'rollback' }
  | { readonly kind: 'status' }
  | { readonly kind: 'extend'; readonly ms: number }
  | { readonly kind: 'hold' };

/** A longer reply, the lines that it quotes included, is meant for other people. */
const MOST_CHARS = 2_000;
const LONGEST_EXTENSION_MS = 24 * 3_600_000;

/**
 * Reads a reply. Only short, direct requests count: a sentence that merely mentions a rollback ("no rollback
 * needed", "should we roll back?") is meant for other people. Quoted lines never count.
 */
export function parseThreadReply(text: string): ThreadRequest | null {
  return text.length > MOST_CHARS ? null : requestIn(withoutCourtesies(text));
}

/** Whether a reply is a request, or nearly one. */
export function isThreadRequest(text: string, services: readonly string[]): boolean {
  return parseThreadReply(text) !== null || guessThreadReply(text, services) !== null;
}

/** Signs and pictures that only say how much it is meant. */
const URGENT =
  /[\u203c\u2049\u2755\u2757\u26a0\u{1f64f}\u{1f6a8}\u{1f525}\u{1f198}]\ufe0f?\p{Emoji_Modifier}?|:(?:pray|exclamation|heavy_exclamation_mark|grey_exclamation|bangbang|warning|rotating_light|fire|sos):(?::skin-tone-\d:)?/gu;

/** "Let's" asks for what is done to a release; "let's wait" is said to other people. */
const BEFORE = new RegExp(
  `^(?:(?:${COURTESIES.join('|')}|ok|okay|hey|hi|slipway|let'?s(?=[, ]+(?:rol|rev|ext)))[, ]+)+`,
);
const BEHIND = new RegExp(`(?:[, ]+(?:${COURTESIES.join('|')}|it|this))+$`);

/** The reply in lower case, without quoted lines, mentions and courtesies. */
function withoutCourtesies(text: string): string {
  const unquoted = text
    // Three of them quote all that follows.
    .replace(/^[ \t]*(?:&gt;|>){3}[\s\S]*/m, '')
    .split('\n')
    .filter((line) => !/^\s*(&gt;|>)/.test(line))
    .join(' ');
  const said = withoutStyle(asTyped(withoutMentions(unquoted)))
    .replace(/[.!…]+(?=\s|$)/g, ' ')
    .replace(URGENT, ' ')
    .replace(/^[\s,:•–—-]+/, '')
    .replace(/\s[:;,]+(?=\s|$)|[;,:](?=\s*$)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return said.replace(BEFORE, '').replace(BEHIND, '').trim();
}

function requestIn(said: string): ThreadRequest | null {
  if (
    /^(rollback|roll[ -]?back|roll it back|roll this back|revert|revert (this|it)|undo)( please| now)?$/.test(
      said,
    )
  ) {
    return { kind: 'rollback' };
  }
  if (/^(status|(what's|whats|what is) the status|how is it going) ?\?*$/.test(said))
    return { kind: 'status' };
  if (/^(hold|hold on|wait)$/.test(said)) return { kind: 'hold' };
  const extend = /^extend(?: (?:by|for))?(?: (.+))?$/.exec(said);
  if (extend) {
    const ms = extend[1] === undefined ? EXTENSION_MS : parseSpokenDuration(extend[1]);
    return ms === null || ms > LONGEST_EXTENSION_MS ? null : { kind: 'extend', ms };
  }
  return null;
}

/** What a reply that is nearly a request most likely meant. */
export interface GuessedReply {
  readonly word: (typeof WORDS)[number];
  readonly request: ThreadRequest;
  /** The word was written differently. */
  readonly isTypo?: true;
  /** The version that was named: a thread goes back to the release before and nowhere else. */
  readonly to?: string;
  /** The service that was named, as the config has it: a thread is about one and no other. */
  readonly service?: string;
}

const WORDS = ['rollback', 'revert', 'extend', 'hold', 'status'] as const;
const MOST_WORDS = 5;
const ASKING = 'please|pls|now|asap';
const RELEASE =
  'the|it|this|that|a|back|to|for|immediately|last|latest|previous|release|version|deploy|deployment';
const WINDOW = 'the|it|this|that|for|of|release|window|watch|monitoring|open';
/** What may stand beside each word; with anything else the reply is meant for other people. */
const BESIDE: Readonly<Record<(typeof WORDS)[number], RegExp>> = {
  rollback: new RegExp(`^(?:${ASKING}|${RELEASE}|prod|production)$`),
  revert: new RegExp(`^(?:${ASKING}|${RELEASE}|prod|production)$`),
  extend: new RegExp(`^(?:${ASKING}|${WINDOW}|by|another|more|longer)$`),
  hold: new RegExp(`^(?:${ASKING}|${WINDOW})$`),
  status: new RegExp(`^(?:${ASKING}|${WINDOW}|version|deploy|deployment|prod|production)$`),
};
const UNIT = '(?:seconds?|minutes?|mins?|hours?|hrs?|days?|[mhds])';
const APART = new RegExp(`(\\d) (?:more )?(?=${UNIT}\\b)`, 'g');

/**
 * A short reply that is nearly a request: "rolback", "extned 15m", "rollback shop", "hold?". Null for a request as
 * `parseThreadReply` knows it, and for everything that is meant for other people.
 */
export function guessThreadReply(text: string, services: readonly string[]): GuessedReply | null {
  if (text.length > MOST_CHARS || parseThreadReply(text) !== null) return null;
  const said = withoutCourtesies(text);
  if (/^hold (?:for )?a min(?:ute)?\b/.test(said)) return null;
  const words = said
    .replace(/^roll[ -](?:([\w -]{1,60}) )?back\b/, 'rollback $1')
    .replace(/^undo (?=.*\b(?:release|deploy|deployment)$)/, 'revert ')
    .replace(/\bhalf an hour\b/, '30 minutes')
    .replace(/\ban? (?=hour|minute|day)/, '1 ')
    .replace(APART, '$1')
    .split(' ')
    .map((word) => withoutTrailing(word, '.!?,'))
    .filter((word) => word !== '');
  if (words.length > MOST_WORDS) return null;
  const [first = '', second = '', ...others] = words;
  // "roll bakc" is one word in two.
  const joined = second === '' ? null : nearestTypo(first + second, ['rollback'], 1);
  const word = joined ?? nearestTypo(first, WORDS);
  // "stats" and "state" are words of their own.
  if (word === null || (word === 'status' && first !== word && first.length < 6)) return null;
  const rest = joined === null ? words.slice(1) : others;
  const to = rest.find((one) => VERSION_WORD.test(one));
  const named = rest.map((one) =>
    services.find((service) => service.toLowerCase() === one.replace(/^#/, '')),
  );
  const beside = isLonger(word, rest) ? BESIDE.extend : BESIDE[word];
  const isRequest = (one: string, at: number) =>
    one === to || named[at] !== undefined || beside.test(one) || isLength(word, rest, at);
  if (!rest.every(isRequest)) return null;
  const request = parseThreadReply([word, ...rest].join(' ')) ?? withLength(word, rest);
  const service = named.find((one) => one !== undefined);
  return request && { word, request, ...given({ isTypo: first === word ? undefined : true, to, service }) };
}

/** A time beside `hold` asks to watch that much longer: a hold has no end. */
function isLonger(word: string, rest: readonly string[]): boolean {
  return word === 'hold' && rest.some((one) => lengthIn(one) !== null);
}

/** Beside a rollback a time is talk between people. */
function isLength(word: string, rest: readonly string[], at: number): boolean {
  if (word !== 'extend' && word !== 'hold') return false;
  return lengthIn(rest[at] ?? '') !== null || (rest[at] === 'to' && isLength(word, rest, at + 1));
}

/** What is too long is cut; no other length is offered than what was said. */
function withLength(word: string, rest: readonly string[]): ThreadRequest | null {
  const lengths = rest.flatMap((one) => lengthIn(one) ?? []);
  if (lengths.length === 0) return parseThreadReply(word);
  const ms = lengths.reduce((all, one) => all + one, 0);
  return { kind: 'extend', ms: Math.min(ms, LONGEST_EXTENSION_MS) };
}

/** ms; a bare number is minutes. */
function lengthIn(word: string): number | null {
  const said = word.replace(/^\+/, '');
  return parseSpokenDuration(/^\d+$/.test(said) ? `${said}m` : said);
}
