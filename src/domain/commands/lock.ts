import { EVERYTHING } from '../policy/lock.ts';
import { Refusal } from '../refusals/refusal.ts';
import { parseSpokenDuration } from '../text/duration.ts';
import type { CommandDeclaration, CommandLine } from './declaration.ts';
import { ALL, bareWord, isCourtesy, optionsIn, serviceFirst, wordsOf } from './words.ts';

const STEAL = '--steal';
const OPTIONS = ['steal'];

interface LockCommand {
  readonly kind: 'lock';
  /** `*` for everything. */
  readonly service: string;
  readonly reason: string;
  readonly forMs?: number;
  /** What looks like a time in a reason without quotes, where no time counts: as it was typed. */
  readonly unheard?: string;
  readonly steal?: true;
}

export const lock = {
  word: 'lock',
  usage: 'lock shop "reason" [2h]',
  meaning: 'let nobody ship it; --steal takes over the lock of someone else',
  parse: (line) => lockIn('lock', line),
} satisfies CommandDeclaration;

/** A frozen service is a locked one. */
export const freeze = {
  word: 'freeze',
  usage: 'freeze all "reason" [2h]',
  meaning: 'incident: stop everything, of every service',
  parse: (line) => lockIn('freeze', line),
} satisfies CommandDeclaration;

/**
 * The time comes last. Refusals: `reason-missing`, and `duration-unclear` for anything but a time behind a reason in quotes, and
 * where nothing is said but a time that is not understood.
 */
function lockIn(word: 'lock' | 'freeze', { text, rest: given, services }: CommandLine): LockCommand {
  const rest = optionsIn(given, OPTIONS);
  const words = rest.filter((one) => one !== STEAL);
  const { service, others } =
    bareWord(words[0] ?? '').toLowerCase() === ALL
      ? { service: EVERYTHING, others: words.slice(1) }
      : serviceFirst(words, services);
  const tail = afterQuotes(text);
  const { reason, forMs, unheard } =
    tail === null
      ? unquoted(word, others)
      : { reason: without(others, tail.length), forMs: timeOf(word, tail), unheard: undefined };
  if (reason === '') throw new Refusal('reason-missing', { what: word });
  return {
    kind: 'lock',
    service,
    reason,
    ...(forMs === null ? {} : { forMs }),
    ...(unheard === undefined ? {} : { unheard }),
    ...(words.length < rest.length ? { steal: true } : {}),
  };
}

/** `db migration for 2 hours please`: a time has up to four words, and a reason at least one. */
function unquoted(
  word: string,
  given: readonly string[],
): { reason: string; forMs: number | null; unheard?: string | undefined } {
  const words = withoutCourtesies(given);
  const size = [4, 3, 2, 1].find((some) => words.length > some && timeIn(words.slice(-some)) !== null) ?? 0;
  const before = words.slice(0, words.length - size);
  const reason = without(before, size > 0 && before.length > 1 && isFor(before.at(-1)) ? 1 : 0);
  const forMs = size > 0 ? timeIn(words.slice(-size)) : null;
  if (timeIn([reason]) !== null) return { reason: '', forMs };
  // Whoever wants to stop everything is not kept from it by a number in the reason.
  const unheard = forMs === null ? LIKE_A_TIME.exec(reason)?.[0].trim() : undefined;
  if (unheard !== undefined && unheard === bareWord(reason))
    throw new Refusal('duration-unclear', { given: reason, word });
  return { reason, forMs, unheard };
}

/** `2h db`, `db 1,5h`, `not before 17:00`, `until noon`; capitals are amounts: `5M rows`, `3D`. */
const LIKE_A_TIME =
  /(?:^|\s)(?:\d[\d.,]*\s?(?:m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?|months?|years?)\b|\d{1,2}:\d\d|(?:[Uu]ntil|till)\s+(?:\d+(?::\d\d)?|noon\b|midnight\b|today\b|tonight\b|tomorrow\b|(?:[Mm]on|[Tt]ues?|[Ww]ed(?:nes)?|[Tt]hu(?:rs)?|[Ff]ri|[Ss]at(?:ur)?|[Ss]un)(?:day)?\b))/;

/** What follows a reason in quotes, ms; null for nothing. */
function timeOf(word: string, tail: readonly string[]): number | null {
  const polite = withoutCourtesies(tail);
  const words = isFor(polite[0]) ? polite.slice(1) : polite;
  const ms = timeIn(words);
  if (words.length > 0 && ms === null)
    throw new Refusal('duration-unclear', { given: bareWord(words.join(' ')), word });
  return ms;
}

function timeIn(words: readonly string[]): number | null {
  return parseSpokenDuration(bareWord(words.join(' ')));
}

function isFor(word: string | undefined): boolean {
  return word?.toLowerCase() === 'for';
}

function without(words: readonly string[], last: number): string {
  return words
    .slice(0, words.length - last)
    .join(' ')
    .trim();
}

/** Without those at the end. */
function withoutCourtesies(words: readonly string[]): readonly string[] {
  return words.slice(0, words.findLastIndex((word) => !isCourtesy(word)) + 1);
}

/** The words after the last text in quotes, options aside; null when nothing is in quotes. */
function afterQuotes(text: string): readonly string[] | null {
  const tail = /"[^"]*"([^"]*)$/.exec(text)?.[1];
  if (tail === undefined) return null;
  return optionsIn(wordsOf(tail), OPTIONS).filter((word) => word !== STEAL);
}
