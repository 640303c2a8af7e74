import { COMMAND_WORDS } from '../../domain/commands/table.ts';
import { bareWord } from '../../domain/commands/words.ts';
import { asTyped } from '../../domain/text/typed.ts';
import { VERSION_WORD, withoutMentions, withoutStyle } from './markup.ts';
import { nearestTypo } from './typo.ts';

/** What a mention asks for. Whether the service exists is asked later. */
export type MentionRequest =
  | { readonly kind: 'ship'; readonly service: string | null }
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
  if (asksToShip(said)) {
    const words = said.split(/[^a-z0-9_-]+/);
    return {
      kind: 'ship',
      service: services.find((service) => words.includes(service.toLowerCase())) ?? null,
    };
  }
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
  const service = services.find((one) => words.includes(one.toLowerCase())) ?? named ?? null;
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
