import { parseDuration } from '../../domain/text/duration.ts';
import { nearestByHand } from './typo.ts';

/** What a person's words in a promotion's thread ask for; null when they ask for nothing. */
export type ThreadRequest =
  | { readonly kind: 'rollback' }
  | { readonly kind: 'status' }
  | { readonly kind: 'extend'; readonly ms: number }
  | { readonly kind: 'hold' };

const EXTENSION_MS = 15 * 60_000;
const LONGEST_EXTENSION_MS = 24 * 3_600_000;

/**
 * Reads a reply. Only short, direct requests count: a sentence that merely mentions a rollback ("no rollback
 * needed", "should we roll back?") is talk between people. Quoted lines never count.
 */
export function parseThreadReply(text: string): ThreadRequest | null {
  return wishIn(requestIn(text.replace(/[.!]+/g, ' ')));
}

/** What was said without quoted lines, mentions and courtesies. */
function requestIn(text: string): string {
  const said = text
    .split('\n')
    .filter((line) => !/^\s*(&gt;|>)/.test(line))
    .join(' ')
    .replace(/<@[A-Z0-9]+(\|[^>]*)?>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return said
    .replace(/^(please|pls|ok|now|slipway)[, ]+/, '')
    .replace(/[, ]+(please|pls|now|asap|it|this)$/g, '')
    .trim();
}

function wishIn(polite: string): ThreadRequest | null {
  if (
    /^(rollback|roll[ -]?back|roll it back|roll this back|revert|revert (this|it)|undo)( please| now)?$/.test(
      polite,
    )
  ) {
    return { kind: 'rollback' };
  }
  if (/^(status|what's the status|how is it going)\??$/.test(polite)) return { kind: 'status' };
  if (/^(hold|hold on|wait)$/.test(polite)) return { kind: 'hold' };
  const extend = /^extend(?: (?:by|for))?(?: (.+))?$/.exec(polite);
  if (extend) {
    const ms =
      extend[1] === undefined ? EXTENSION_MS : parseDuration(extend[1].replace(/\s*min(ute)?s?$/, 'm'));
    return ms === null || ms > LONGEST_EXTENSION_MS ? null : { kind: 'extend', ms };
  }
  return null;
}

/** What a reply most likely meant that says it almost. */
export interface Guess {
  readonly word: (typeof WORDS)[number];
  readonly wish: ThreadRequest;
  /** The version that was named: a thread goes back to the release before and nowhere else. */
  readonly to?: string;
}

const WORDS = ['rollback', 'revert', 'extend', 'hold', 'status'] as const;
const MOST_WORDS = 3;
/** What may stand beside the word; anything else makes it talk between people. */
const BESIDE =
  /^(the|it|this|that|back|to|by|for|please|pls|now|asap|release|version|window|watch|open|\d+ ?(m|min|mins|minutes?|h|hours?|s)?|minutes?|hours?)$/;
const VERSION = /^v?\d+\.\d+(\.\d+)?([-+][\w.+-]+)?$/;

/**
 * A short reply that is nearly a request: "rolback", "extned 15m", "rollback shop", "hold?". Null for a request as
 * `parseThreadReply` knows it, and for everything that people say to each other.
 */
export function guessThreadReply(text: string, services: readonly string[]): Guess | null {
  if (parseThreadReply(text) !== null) return null;
  const words = requestIn(text)
    .split(' ')
    .map((word) => word.replace(/[.!?,]+$/, ''))
    .filter((word) => word !== '');
  const [first = '', second = '', ...others] = words;
  if (words.length > MOST_WORDS) return null;
  // "roll bakc" is one word in two.
  const joined = second === '' ? null : nearestByHand(first + second, ['rollback'], 1);
  const word = joined ?? nearestByHand(first, WORDS);
  if (word === null) return null;
  const rest = joined === null ? words.slice(1) : others;
  const to = rest.find((one) => VERSION.test(one));
  const known = services.map((service) => service.toLowerCase());
  if (!rest.every((one) => one === to || BESIDE.test(one) || known.includes(one))) return null;
  const wish = parseThreadReply([word, ...rest].join(' ')) ?? parseThreadReply(word);
  return wish && { word, wish, ...(to === undefined ? {} : { to }) };
}
