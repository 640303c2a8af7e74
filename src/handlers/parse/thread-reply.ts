import { EXTENSION_MS } from '../../blocks/kit/button-value.ts';
import { COURTESIES } from '../../domain/commands/words.ts';
import { parseSpokenDuration } from '../../domain/text/duration.ts';
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

const BEFORE = new RegExp(`^(?:(?:${COURTESIES.join('|')}|ok|okay|hey|hi|slipway)[, ]+)+`);
const BEHIND = new RegExp(`(?:[, ]+(?:${COURTESIES.join('|')}|it|this))+$`);

/** The reply in lower case, without quoted lines, mentions and courtesies. */
function withoutCourtesies(text: string): string {
  const unquoted = text
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
  if (/^(status|what's the status|how is it going)\??$/.test(said)) return { kind: 'status' };
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
  /** The version that was named: a thread goes back to the release before and nowhere else. */
  readonly to?: string;
}

const WORDS = ['rollback', 'revert', 'extend', 'hold', 'status'] as const;
const MOST_WORDS = 5;
/** What may stand beside the word; with anything else the reply is meant for other people. */
const BESIDE =
  /^(the|it|this|that|back|to|by|for|please|pls|now|asap|release|version|window|watch|open|\d+ ?(m|min|mins|minutes?|h|hours?|days?|d|s)?|minutes?|hours?|days?)$/;

/**
 * A short reply that is nearly a request: "rolback", "extned 15m", "rollback shop", "hold?". Null for a request as
 * `parseThreadReply` knows it, and for everything that is meant for other people.
 */
export function guessThreadReply(text: string, services: readonly string[]): GuessedReply | null {
  if (text.length > MOST_CHARS || parseThreadReply(text) !== null) return null;
  if (withoutMentions(text).trim().split(/\s+/).length > MOST_WORDS) return null;
  const words = withoutCourtesies(text)
    .replace(/\broll[ -]back\b/, 'rollback')
    .split(' ')
    .map((word) => withoutTrailing(word, '.!?,'))
    .filter((word) => word !== '');
  const [first = '', second = '', ...others] = words;
  // "roll bakc" is one word in two.
  const joined = second === '' ? null : nearestTypo(first + second, ['rollback'], 1);
  const word = joined ?? nearestTypo(first, WORDS);
  if (word === null) return null;
  const rest = joined === null ? words.slice(1) : others;
  const to = rest.find((one) => VERSION_WORD.test(one));
  const known = services.map((service) => service.toLowerCase());
  if (!rest.every((one) => one === to || BESIDE.test(one) || known.includes(one))) return null;
  const request = parseThreadReply([word, ...rest].join(' ')) ?? withLength(word, rest);
  return request && { word, request, ...(to === undefined ? {} : { to }) };
}

/** Bare numbers are minutes, and what is too long is cut; no other length is offered than what was said. */
function withLength(word: string, rest: readonly string[]): ThreadRequest | null {
  const length = rest.filter((one) => !/^(?:by|for)$/.test(one)).join(' ');
  if (word !== 'extend' || !/\d/.test(length)) return parseThreadReply(word);
  const ms = parseSpokenDuration(/^\d+$/.test(length) ? `${length}m` : length);
  return ms === null ? null : { kind: 'extend', ms: Math.min(ms, LONGEST_EXTENSION_MS) };
}
