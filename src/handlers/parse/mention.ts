import { COMMAND_WORDS } from '../../domain/commands/table.ts';
import { bareWord, COURTESIES } from '../../domain/commands/words.ts';
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
  'a an the this that it its is of on in for to from with and also too both then back again now please pls plz thanks thx cheers asap us me my our prod production live service release version deployment deploy last latest previous'.split(
    ' ',
  ),
);
/** Words behind a verb that are not the name of a service, besides those that end in “ly”. */
const NO_NAMES = new Set(
  'new build builds code change changes fix fixes hotfix feature features everything all stuff main master head staging update updates yesterday today tomorrow tonight soon later already yet ready something anything nothing whatever what which who when where how why app apps one ones ours yours them these those they he she you we i some any every each other others same right whole entire services candidate major minor patch auto ok okay yes often always never once more less well here there next first over out up down off along away ahead together happens go goes went gone going get got monday tuesday wednesday thursday friday saturday sunday'.split(
    ' ',
  ),
);
const VERSION_OR_COMMIT = /^(?:v?\d[\w.-]*|(?=[a-f]*\d)[0-9a-f]{7,40})$/;
/** What is behind these words is not what is asked for. */
const ASIDE =
  /[.;!?](?=\s|$)|\s(?:instead|without|before|after|but|not|because|since|until|unless|while|once|so|as|like|than|by|over)(?![\w-])/;
const PLACE = /\s(?:to|on|in|at|into|for|from|with|when|if|prod|production|live)(?![\w-])/;
/** One word behind the verb and nothing else. */
const ALONE = new RegExp(`^ [\\w.-]{1,80}(?:[ ,]{1,3}(?:${COURTESIES.join('|')}))*\\W*$`);
const TO_PRODUCTION = /^ [\w.-]{1,80}(?:(?:, ?| and | & )[\w.-]{1,80}){0,9} to (?:prod|production|live)\b/;
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
    .replace(/(?<!\w):[a-z+][a-z0-9_+'-]{0,99}:/gi, ' ')
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
  const [first = ''] = spaced.split(/[\s,:!?]+/);
  const verbs = [...VERBS, ...commands];
  // A short word is more likely another word than a typo: "look" is not `lock`.
  const typo = first.length < 5 ? null : nearestTypo(bareWord(first), verbs);
  const verb = verbs.find((word) => word === bareWord(first)) ?? typo;
  return verb === null ? null : { verb, rest: spaced.slice(first.length).replace(/^[\s,:!?]+/, '') };
}

function requestOf(verb: string, rest: string, services: readonly string[]): MentionRequest {
  const split = (text: string) =>
    text.split(/[\s,:;!?]+/).map((word) => bareWord(word).replace(/^["'#@(]+|["')]+$/g, ''));
  const words = split(rest);
  const to = words.find((word) => VERSION_WORD.test(word));
  const named = nameIn(
    split(rest.split(ASIDE)[0]?.split(',')[0] ?? '').filter((word) => word !== to),
    services,
    true,
  );
  const service = knownAmong(words, services)[0] ?? named;
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
 * What is to be shipped: what stands behind the verb, with `and` and commas between; else what it is for; else what is named
 * anywhere. A word that is no service is taken for the name of one where it can hardly be anything else.
 */
function shippedIn(said: string, services: readonly string[]): readonly string[] {
  const [, before = '', verb = '', behind = ''] =
    /^(.*?)\b(ship-prod|ship|deploy|release|promote|push)\b(.*)$/.exec(said) ?? [];
  const [asked = ''] = behind.split(ASIDE);
  const [object = ''] = asked.split(PLACE);
  const parts = object.split(/,|&|\+|\b(?:and|then)\b/).map(wordsIn);
  const isBare = (words: readonly string[]) =>
    words.every((word) => FILLERS.has(word) || knownAmong([word], services).length > 0);
  const [, whom = ''] = /\sfor (.*)$/.exec(asked) ?? [];
  const [forWhom = ''] = whom.split(PLACE);
  const isFor = !parts.every(isBare) && isBare(wordsIn(forWhom).filter((word) => !NO_NAMES.has(word)));
  const isNoun = /\b(?:the|a|this|our|last|latest|next|new|prod|production) $/.test(before);
  const isChoice = services.length > 1 || verb === 'ship-prod';
  const isName =
    !isNoun && (TO_PRODUCTION.test(behind) || (isChoice && /^\W*$/.test(before) && ALONE.test(behind)));
  const named = parts.flatMap((words, at) => {
    const known = at === 0 || isBare(words) ? knownAmong(words, services) : [];
    return known.length > 0 ? known : (nameIn(words, services, isName) ?? []);
  });
  const found = [
    isFor ? knownAmong(wordsIn(forWhom), services) : [],
    named,
    knownAmong(wordsIn(`${before} ${asked}`), services),
    knownAmong(wordsIn(said), services),
  ].find(({ length }) => length > 0);
  return [...new Set(found)];
}

function wordsIn(text: string): readonly string[] {
  return text
    .split(/[^a-z0-9_.-]+/)
    .map(bareWord)
    .filter((word) => word !== '');
}

/**
 * The word that is the name of a service which there is not: one before “service”, a typing error of one that there is, or,
 * where a name must stand (`isName`), the only word that can be one.
 */
function nameIn(words: readonly string[], services: readonly string[], isName: boolean): string | null {
  const mayBe = (word: string) =>
    /^[a-z]/.test(word) &&
    !/ly$/.test(word) &&
    !FILLERS.has(word) &&
    !NO_NAMES.has(word) &&
    !VERSION_OR_COMMIT.test(word) &&
    knownAmong([word], services).length === 0;
  const called = words.find((word, at) => words[at + 1] === 'service' && mayBe(word));
  if (called !== undefined) return called;
  const [name, ...more] = words.filter(mayBe);
  if (name === undefined || more.length > 0) return null;
  return isName || nearestTypo(name, services) !== null ? name : null;
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
