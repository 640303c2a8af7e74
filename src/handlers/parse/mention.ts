import { COMMAND_WORDS } from '../../domain/commands/table.ts';
import { bareWord } from '../../domain/commands/words.ts';
import { asTyped } from '../../domain/text/typed.ts';
import { VERSION_WORD, withoutMentions, withoutStyle } from './markup.ts';
import { nearestTypo } from './typo.ts';

/** What a mention asks for. Whether the service exists is asked later. */
export type MentionRequest =
  /** In the order in which they were named. */
  | { readonly kind: 'ship'; readonly services: readonly string[] }
  | { readonly kind: 'plan' | 'history'; readonly service: string | null }
  /** `to`: a version that was named. */
  | { readonly kind: 'rollback'; readonly service: string | null; readonly to?: string }
  | { readonly kind: 'status' }
  /** A command that takes more than a mention says. */
  | { readonly kind: 'command'; readonly word: string; readonly service: string | null }
  /** Nothing that Slipway does. */
  | { readonly kind: 'help' };

/** What is longer is no request. */
const MOST_CHARS = 2_000;

/** Other words for a rollback, besides those of the commands. */
const VERBS = ['revert', 'undo'];

/** Words around a request that say nothing about it. */
const FILLERS = new Set(
  'a an the this that it its is of on in for to from with and back again now please pls asap us me my our prod production live service release version deployment deploy last latest previous'.split(
    ' ',
  ),
);
const ARTICLES = new Set(['a', 'an', 'the', 'this', 'that', 'my', 'our']);
/** Words behind "ship" that are not the name of a service. */
const NO_NAMES = new Set(
  'new build builds code change changes fix fixes hotfix feature features everything all stuff main master staging update updates today tomorrow tonight soon later ready something anything app one ones ours candidate major minor patch auto ok okay yes thanks thx plz cheers'.split(
    ' ',
  ),
);
const ROLLBACK = /\b(?:roll[ -]?back|revert|undo)\b/;
const POLITE = /^(hey|hi|hello|ok|please|pls|can you|could you|would you|kindly|let's|lets|now)[, ]+/;

/**
 * Reads what was written to the bot; `commands` are the words of `/ship-prod`. What it does not understand is answered
 * with help, never with an offer.
 */
export function parseMention(
  text: string,
  services: readonly string[],
  commands: readonly string[] = COMMAND_WORDS,
): MentionRequest {
  if (text.length > MOST_CHARS) return { kind: 'help' };
  const said = withoutCourtesies(text, commands);
  const verb = verbOf(said, commands);
  if (verb) return requestOf(verb.verb, verb.rest, services);
  if (asksToShip(said)) return { kind: 'ship', services: shippedIn(said, services) };
  if (ROLLBACK.test(said) && !isNegated(said)) {
    return requestOf('rollback', said.split(ROLLBACK).at(-1) ?? '', services);
  }
  if (/\bstatus\b|\b(is|what's) (live|under way|going on)\b/.test(said)) return { kind: 'status' };
  return { kind: 'help' };
}

function withoutCourtesies(text: string, commands: readonly string[]): string {
  let said = withoutStyle(asTyped(withoutMentions(text)))
    .replace(/<[@#!][^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  while (POLITE.test(said)) said = said.replace(POLITE, '');
  return said.replace(/^\/?ship-prod (?=\w)/, (prefix) =>
    verbOf(said.slice(prefix.length), commands) ? '' : prefix,
  );
}

/** The word that a request begins with, a typo of it included. */
function verbOf(
  said: string,
  commands: readonly string[],
): { readonly verb: string; readonly rest: string } | null {
  const spaced = said.replace(/^roll[ -](?:([\w-]+) )?back\b/, 'rollback $1');
  const [first = '', ...others] = spaced.split(/[\s,:!?]+/);
  const verbs = [...VERBS, ...commands];
  // A short word is more likely another word than a typo: "look" is not `lock`.
  const typo = first.length < 5 ? null : nearestTypo(bareWord(first), verbs);
  const verb = verbs.find((word) => word === bareWord(first)) ?? typo;
  return verb === null ? null : { verb, rest: others.join(' ') };
}

function requestOf(verb: string, rest: string, services: readonly string[]): MentionRequest {
  const words = rest.split(/[\s,:;!?]+/).map((word) => bareWord(word).replace(/^["'#@(]+|["')]+$/g, ''));
  const meant = words.filter((word) => word !== '' && !FILLERS.has(word));
  const to = meant.find((word) => VERSION_WORD.test(word));
  const named = meant.find((word) => word !== to);
  const service = knownAmong(words, services)[0] ?? named ?? null;
  switch (verb) {
    case 'rollback':
    case 'revert':
    case 'undo':
      return { kind: 'rollback', service, ...(to === undefined ? {} : { to }) };
    case 'status':
      return { kind: 'status' };
    case 'plan':
    case 'history':
      return { kind: verb, service };
    case 'help':
      return { kind: 'help' };
    default:
      return { kind: 'command', word: verb, service };
  }
}

/**
 * What is to be shipped: what stands behind the verb, with `and` and commas between; else what is named anywhere. A word that
 * is no service is taken for the name of one where it can hardly be anything else.
 */
function shippedIn(said: string, services: readonly string[]): readonly string[] {
  const [, before = '', behind = ''] =
    /^(.*?)\b(?:ship-prod|ship|deploy|release|promote|push)\b(.*)$/.exec(said) ?? [];
  const [object = ''] = behind.split(
    /[.;!?](?=\s|$)|\s(?:to|on|in|at|into|for|from|with|when|if|prod|production|live)\b/,
  );
  const isNoun = /\b(?:the|a|this|our|last|latest|next|new|prod|production) $/.test(before);
  const named = object.split(/,|&|\+|\b(?:and|then)\b/).flatMap((part, at) => {
    const words = part.split(/[^a-z0-9_.-]+/).map(bareWord);
    const known = knownAmong(words, services);
    if (known.length > 0) return known;
    const [name, ...more] = words.filter((word) => word !== '' && !FILLERS.has(word) && !NO_NAMES.has(word));
    if (name === undefined || more.length > 0 || !/^[a-z]/.test(name) || VERSION_WORD.test(name)) return [];
    const isName =
      words.includes('service') || (at === 0 && !isNoun && !words.some((word) => ARTICLES.has(word)));
    return isName || nearestTypo(name, services) !== null ? [name] : [];
  });
  const found = named.length > 0 ? named : knownAmong(said.split(/[^a-z0-9_-]+/), services);
  return [...new Set(found)];
}

/** The services among the words, in their order. */
function knownAmong(words: readonly string[], services: readonly string[]): readonly string[] {
  return words.flatMap((word) => services.find((service) => service.toLowerCase() === word) ?? []);
}

function asksToShip(said: string): boolean {
  if (isNegated(said) || ROLLBACK.test(said)) return false;
  return (
    /\b(ship|deploy|release|promote|push)\b.*\b(prod|production|live)\b/.test(said) ||
    /\bproduction (release|deploy(ment)?)\b/.test(said) ||
    /\/?ship-prod\b/.test(said) ||
    /\bship\b/.test(said)
  );
}

function isNegated(said: string): boolean {
  return /\b(not|never|cannot|no|\w{1,20}n't|dont|cant|wont|shouldnt|mustnt)\b/.test(said);
}
