import { EVERYTHING } from '../policy/lock.ts';
import { Refusal } from '../refusals/refusal.ts';
import { parseSpokenDuration } from '../text/duration.ts';
import type { CommandDeclaration, CommandLine } from './declaration.ts';
import { ALL, bareWord, optionsIn, serviceFirst, wordsOf } from './words.ts';

const STEAL = '--steal';
const OPTIONS = ['steal'];

interface LockCommand {
  readonly kind: 'lock';
  /** `*` for everything. */
  readonly service: string;
  readonly reason: string;
  readonly forMs?: number;
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

/** The time comes last; behind a reason in quotes there can be nothing else (Refusal `duration-unclear`). */
function lockIn(word: 'lock' | 'freeze', { text, rest: given, services }: CommandLine): LockCommand {
  const tail = afterQuotes(text);
  const rest = optionsIn(given, OPTIONS);
  const words = rest.filter((one) => one !== STEAL);
  const { service, others } =
    bareWord(words[0] ?? '').toLowerCase() === ALL
      ? { service: EVERYTHING, others: words.slice(1) }
      : serviceFirst(words, services);
  // `2h` is one word, `1h 30m` and `2 hours` are two; a reason has at least one.
  const length = tail === null ? [2, 1].find((size) => timeIn(others, size) !== null) : wordsOf(tail).length;
  const forMs = length ? timeIn(others, length) : null;
  if (tail && forMs === null) throw new Refusal('duration-unclear', { given: tail, word });
  const reason = others
    .slice(0, others.length - (length ?? 0))
    .join(' ')
    .trim();
  const isTime = tail === null && parseSpokenDuration(bareWord(reason)) !== null;
  if (reason === '' || isTime) throw new Refusal('reason-missing', { what: word });
  return {
    kind: 'lock',
    service,
    reason,
    ...(forMs === null ? {} : { forMs }),
    ...(words.length < rest.length ? { steal: true } : {}),
  };
}

/** The last words as a time, ms. */
function timeIn(words: readonly string[], size: number): number | null {
  return words.length > size ? parseSpokenDuration(bareWord(words.slice(-size).join(' '))) : null;
}

/** What follows the last text in quotes, options aside; null when nothing is in quotes. */
function afterQuotes(text: string): string | null {
  const tail = /"[^"]*"([^"]*)$/.exec(text)?.[1];
  if (tail === undefined) return null;
  return bareWord(
    optionsIn(wordsOf(tail), OPTIONS)
      .filter((word) => word !== STEAL)
      .join(' '),
  ).trim();
}
