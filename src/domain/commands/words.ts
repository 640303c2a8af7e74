import { Refusal } from '../refusals/refusal.ts';

export const BUMPS = ['auto', 'major', 'minor', 'patch'] as const;
/** Stands for every service. */
export const ALL = 'all';

/** Words of a command line: blanks separate, double quotes keep together. */
export function wordsOf(text: string): readonly string[] {
  const found = text.matchAll(/([^\s"]*)"([^"]*)"|(\S+)/g);
  return [...found].map(([, before = '', quoted, plain]) =>
    plain === undefined ? before + (quoted ?? '') : plain,
  );
}

/**
 * The service named first; the only one there is when none is named. Whether it exists is asked later. Refusal
 * `service-missing`.
 */
export function serviceFirst(
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

/** Refusal `too-many-words` for what a command does not take. */
export function refuseMore(words: readonly string[]): void {
  if (words.length > 0) throw new Refusal('too-many-words', { words });
}

export function isOneOf<T extends string>(word: string, words: readonly T[]): word is T {
  return (words as readonly string[]).includes(word);
}
