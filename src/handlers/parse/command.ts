import { EVERYTHING } from '../../domain/policy/lock.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Bump } from '../../domain/release/version.ts';
import { COMMAND_WORDS } from '../../domain/text/command-words.ts';
import { parseSpokenDuration } from '../../domain/text/duration.ts';
import { nearest } from '../../domain/text/nearest.ts';

/** `/ship-prod …` as a value. */
export type Command =
  | { readonly kind: 'form' }
  | { readonly kind: 'start'; readonly wish: Wish }
  | { readonly kind: 'plan'; readonly wish: Wish }
  | { readonly kind: 'status' }
  | { readonly kind: 'history'; readonly service?: string; readonly audit?: true }
  | { readonly kind: 'cancel'; readonly service: string; readonly reason: string }
  | {
      readonly kind: 'lock';
      /** `*` for everything. */
      readonly service: string;
      readonly reason: string;
      readonly forMs?: number;
      readonly steal?: true;
    }
  | { readonly kind: 'unlock'; readonly service: string }
  | { readonly kind: 'rollback'; readonly service: string; readonly to?: string }
  | { readonly kind: 'help' };

export interface Wish {
  readonly service: string;
  readonly feature?: string;
  readonly bump: 'auto' | Bump;
  readonly note?: string;
}
/** What `freeze` and `thaw` take instead of a service. */
const ALL = 'all';
/** Phones make one long dash of two. */
const AUDIT = /^(--|—|–)audit$/;
const STEAL = /^(--|—|–)steal$/;
const BUMPS = ['auto', 'major', 'minor', 'patch'] as const;

/**
 * Reads the text after `/ship-prod`. With one service configured its name may be left out.
 * Refusals: `command-unknown`, `service-missing`, `option-unknown`, `option-empty`, `too-many-words`, `reason-missing`,
 * `duration-unclear`.
 */
export function parseCommand(text: string, services: readonly string[]): Command {
  const words = wordsOf(text);
  const [first, ...rest] = words;
  if (first === undefined) return { kind: 'form' };
  if (isOneOf(first, COMMAND_WORDS)) return subcommand(first, rest, services, afterQuotes(text));
  if (services.includes(first)) return { kind: 'start', wish: wishOf(words, services) };
  if (services.length === 1 && (first.startsWith('--') || isOneOf(first, BUMPS))) {
    return { kind: 'start', wish: wishOf(words, services) };
  }
  const suggestion = nearest(first, [...services, ...COMMAND_WORDS]);
  throw new Refusal('command-unknown', { word: first, services, ...(suggestion ? { suggestion } : {}) });
}

function subcommand(
  word: (typeof COMMAND_WORDS)[number],
  rest: readonly string[],
  services: readonly string[],
  tail: string | null,
): Command {
  switch (word) {
    case 'help':
    case 'status':
      return { kind: word };
    case 'history': {
      const words = rest.filter((one) => !AUDIT.test(one));
      refuseMore(words.slice(1));
      const audit = words.length < rest.length ? { audit: true as const } : {};
      return words[0] === undefined
        ? { kind: 'history', ...audit }
        : { kind: 'history', service: words[0], ...audit };
    }
    case 'plan':
      return { kind: 'plan', wish: wishOf(rest, services) };
    case 'cancel': {
      const { service, others } = serviceFirst(rest, services);
      return { kind: 'cancel', service, reason: others.join(' ') };
    }
    case 'unlock':
    case 'thaw': {
      // Nobody who thaws means the lock that somebody else has on the only service.
      if (rest[0] === ALL || (word === 'thaw' && rest.length === 0)) {
        refuseMore(rest.slice(1));
        return { kind: 'unlock', service: EVERYTHING };
      }
      const { service, others } = serviceFirst(rest, services);
      refuseMore(others);
      return { kind: 'unlock', service };
    }
    case 'rollback': {
      const { service, others } = serviceFirst(rest, services);
      refuseMore(others.slice(1));
      return others[0] === undefined
        ? { kind: 'rollback', service }
        : { kind: 'rollback', service, to: others[0] };
    }
    case 'lock':
    case 'freeze':
      return lockOf(word, rest, services, tail);
  }
}

/**
 * A frozen service is a locked one; `all` stands for everything. The time comes last; behind a reason in quotes
 * there can be nothing else (Refusal `duration-unclear`).
 */
function lockOf(
  word: 'lock' | 'freeze',
  rest: readonly string[],
  services: readonly string[],
  tail: string | null,
): Extract<Command, { kind: 'lock' }> {
  const words = rest.filter((one) => !STEAL.test(one));
  const steal = words.length < rest.length ? { steal: true as const } : {};
  const { service, others } =
    words[0] === ALL ? { service: EVERYTHING, others: words.slice(1) } : serviceFirst(words, services);
  // `2h` is one word, `1h 30m` and `2 hours` are two; a reason has at least one.
  const length = tail === null ? [2, 1].find((size) => timeIn(others, size) !== null) : wordsOf(tail).length;
  const forMs = length ? timeIn(others, length) : null;
  if (tail && forMs === null) throw new Refusal('duration-unclear', { given: tail, word });
  const reason = others
    .slice(0, others.length - (length ?? 0))
    .join(' ')
    .trim();
  if (reason === '') throw new Refusal('reason-missing', { what: word });
  return { kind: 'lock', service, reason, ...(forMs === null ? {} : { forMs }), ...steal };
}

/** The last words as a time, ms. */
function timeIn(words: readonly string[], size: number): number | null {
  return words.length > size ? parseSpokenDuration(words.slice(-size).join(' ')) : null;
}

/** What follows the last text in quotes, options aside; null when nothing is in quotes. */
function afterQuotes(text: string): string | null {
  const tail = /["“”][^"“”]*["“”]([^"“”]*)$/.exec(text)?.[1];
  if (tail === undefined) return null;
  return wordsOf(tail)
    .filter((word) => !STEAL.test(word))
    .join(' ');
}

function wishOf(words: readonly string[], services: readonly string[]): Wish {
  const { service, others } = serviceFirst(words, services);
  const options: { feature?: string; note?: string } = {};
  let bump: Wish['bump'] = 'auto';
  for (let at = 0; at < others.length; at++) {
    const word = others[at] ?? '';
    const [name = '', inline] = word.split(/=(.*)/s);
    if (name === '--feature' || name === '--note') {
      const value = inline ?? others[++at];
      if (value === undefined || value.trim() === '') throw new Refusal('option-empty', { option: name });
      options[name === '--feature' ? 'feature' : 'note'] = value;
    } else if (isOneOf(word.toLowerCase(), BUMPS)) {
      bump = word.toLowerCase() as Wish['bump'];
    } else {
      const suggestion = nearest(word, ['--feature', '--note', ...BUMPS]);
      throw new Refusal('option-unknown', { option: word, ...(suggestion ? { suggestion } : {}) });
    }
  }
  return { service, bump, ...options };
}

/** The service named first; the only one there is when none is named. Whether it exists is asked later. */
function serviceFirst(
  words: readonly string[],
  services: readonly string[],
): { readonly service: string; readonly others: readonly string[] } {
  const [first, ...others] = words;
  if (first !== undefined && services.includes(first)) return { service: first, others };
  const [only] = services;
  const isNoName = first === undefined || first.startsWith('--') || isOneOf(first, BUMPS);
  if (only !== undefined && services.length === 1 && isNoName) return { service: only, others: words };
  if (first === undefined || isNoName) throw new Refusal('service-missing', { known: services });
  return { service: first, others };
}

function refuseMore(words: readonly string[]): void {
  if (words.length > 0) throw new Refusal('too-many-words', { words });
}

/** Words of a command line: blanks separate, straight and curly double quotes keep together. */
function wordsOf(text: string): readonly string[] {
  const found = text.matchAll(/([^\s"“”]*)["“”]([^"“”]*)["“”]|(\S+)/g);
  return [...found].map(([, before = '', quoted, plain]) =>
    plain === undefined ? before + (quoted ?? '') : plain,
  );
}

function isOneOf<T extends string>(word: string, words: readonly T[]): word is T {
  return (words as readonly string[]).includes(word);
}
