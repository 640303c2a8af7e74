import { Refusal } from '../refusals/refusal.ts';
import { withoutTrailing } from '../text/trailing.ts';

export const BUMPS = ['auto', 'major', 'minor', 'patch'] as const;
/** Stands for every service. */
export const ALL = 'all';

/** Words of a command line: blanks separate, double quotes keep together. */
export function wordsOf(text: string): readonly string[] {
  const found = text.matchAll(/([^\s"]*)"([^"]*)"|(\S+)/g);
  return [...found].map(([, before = '', quoted, plain]) =>
    plain === undefined ? before + (quoted ?? '').trim() : plain,
  );
}

/** The word without what dictation and habit put behind it. */
export function bareWord(word: string): string {
  return withoutTrailing(word, '.,;:!?…');
}

const PICTURE = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\u200d|\ufe0e|\ufe0f)$/u;
const DASHES = /[\u2012-\u2015\u2212]/g;
/** Words that ask for nothing. */
export const COURTESIES = ['please', 'pls', 'plz', 'now', 'asap', 'thanks', 'thx'];

/** The word without the pictures at its end, and without what `bareWord` leaves out. */
function withoutPictures(word: string): string {
  const characters = [...word];
  while (PICTURE.test(characters.at(-1) ?? '')) characters.pop();
  return bareWord(characters.join(''));
}

/** Whether a word says nothing of what is asked for: `please`, `:pray:`, a picture. */
export function isCourtesy(word: string): boolean {
  const plain = withoutPictures(word).toLowerCase();
  return (
    plain === '' || COURTESIES.includes(plain) || /^(?::[a-z0-9_+'-]{1,100}:?)+$/.test(word.toLowerCase())
  );
}

/** The service that a word names, however a phone wrote it: `Shop.`, `#shop`; the bare word when it names none. */
export function serviceNamed(word: string, services: readonly string[]): string {
  const plain = withoutPictures(word).replace(DASHES, '-');
  const meant = plain.replace(/^[#@]/, '').toLowerCase();
  return services.find((service) => service === plain || service.toLowerCase() === meant) ?? bareWord(word);
}

/** A version as it is written in a tag or a file. */
export function versionIn(word: string): string {
  return bareWord(word).replace(/^V(?=\d)/, 'v');
}

/**
 * The words with these options (`feature`) as they are called (`--feature`), also where a keyboard made another dash of
 * the two hyphens, set it apart, or began with a capital.
 */
export function optionsIn(words: readonly string[], options: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const isDash = /^[-\u2012-\u2015\u2212]{1,3}$/.test(word);
    const [, name = '', value = ''] =
      (isDash ? /^([a-z]+)(=.*)?$/is : /^-{1,3}([a-z]+)(=.*)?$/is).exec(
        isDash ? (words[at + 1] ?? '') : word,
      ) ?? [];
    const isOption = options.includes(name.toLowerCase());
    found.push(isOption ? `--${name.toLowerCase()}${value}` : word);
    if (isOption && isDash) at += 1;
  }
  return found;
}

/**
 * The service named first; the only one there is when none is named. Whether it exists is asked later. Refusal
 * `service-missing`.
 */
export function serviceFirst(
  words: readonly string[],
  services: readonly string[],
): { readonly service: string; readonly others: readonly string[] } {
  const [word, ...others] = words;
  const first = word === undefined ? undefined : serviceNamed(word, services);
  if (first !== undefined && services.includes(first)) return { service: first, others };
  const [only] = services;
  const isNoName = first === undefined || first.startsWith('--') || isOneOf(first.toLowerCase(), BUMPS);
  if (only !== undefined && services.length === 1 && isNoName) return { service: only, others: words };
  if (first === undefined || isNoName) throw new Refusal('service-missing', { known: services });
  return { service: first, others };
}

/** What people put between the names of services. */
const BETWEEN = ['and', 'then', '&', '+'];

/** All services that are named at the beginning, in that order, and what comes after them. */
export function servicesFirst(
  words: readonly string[],
  services: readonly string[],
): { readonly named: readonly string[]; readonly others: readonly string[] } {
  const named: string[] = [];
  const isService = (word: string | undefined) =>
    word !== undefined && services.includes(serviceNamed(word, services));
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? '';
    if (isService(word)) named.push(serviceNamed(word, services));
    else if (named.length === 0 || !BETWEEN.includes(word.toLowerCase()) || !isService(words[at + 1])) break;
  }
  return { named, others: words.slice(at) };
}

/** Refusal `too-many-words` for what a command does not take. */
export function refuseMore(words: readonly string[]): void {
  if (words.length > 0) throw new Refusal('too-many-words', { words });
}

export function isOneOf<T extends string>(word: string, words: readonly T[]): word is T {
  return (words as readonly string[]).includes(word);
}
