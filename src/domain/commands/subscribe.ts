import { EVERY_SERVICE } from '../habits/habits.ts';
import type { CommandDeclaration, CommandLine } from './declaration.ts';
import { ALL, bareWord, isCourtesy, refuseMore, serviceFirst } from './words.ts';

export const subscribe = {
  word: 'subscribe',
  usage: 'subscribe [shop]',
  meaning: 'a direct message when your commits are in production, and when they are rolled back',
  parse: (line) => ({ kind: 'subscribe' as const, service: serviceOrAll(line) ?? EVERY_SERVICE }),
} satisfies CommandDeclaration;

export const unsubscribe = {
  word: 'unsubscribe',
  usage: 'unsubscribe [shop]',
  meaning: 'no such messages any more',
  parse: (line) => {
    const service = serviceOrAll(line);
    return { kind: 'unsubscribe' as const, ...(service === undefined ? {} : { service }) };
  },
} satisfies CommandDeclaration;

/** Undefined where no service is named, or all of them. */
function serviceOrAll({ rest, services }: CommandLine): string | undefined {
  const words = rest.filter((word) => !isCourtesy(word));
  const [first, ...more] = words;
  if (first === undefined) return undefined;
  if (bareWord(first).toLowerCase() === ALL) {
    refuseMore(more);
    return undefined;
  }
  const { service, others } = serviceFirst(words, services);
  refuseMore(others);
  return service;
}
