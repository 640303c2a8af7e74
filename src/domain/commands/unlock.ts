import { EVERYTHING } from '../policy/lock.ts';
import type { CommandDeclaration, CommandLine } from './declaration.ts';
import { ALL, bareWord, refuseMore, serviceFirst } from './words.ts';

export const unlock = {
  word: 'unlock',
  usage: 'unlock shop [because …]',
  meaning: 'let people ship it again',
  parse: (line) => unlockIn(line),
} satisfies CommandDeclaration;

export const thaw = {
  word: 'thaw',
  usage: 'thaw all [because …]',
  meaning: 'let people ship again',
  // Nobody who thaws means the lock that somebody else has on the only service.
  parse: (line) => unlockIn(line.rest.length === 0 ? { ...line, rest: [ALL] } : line),
} satisfies CommandDeclaration;

/** What follows `because` is the reason; whatever else follows is refused. */
function unlockIn({ rest, services }: CommandLine) {
  const [first, ...more] = rest;
  const { service, others } =
    first !== undefined && bareWord(first).toLowerCase() === ALL
      ? { service: EVERYTHING, others: more }
      : serviceFirst(rest, services);
  const [word = '', ...reason] = others;
  if (bareWord(word).toLowerCase() !== 'because') refuseMore(others);
  const because = reason.join(' ');
  // The dots of a hint are no reason.
  return { kind: 'unlock' as const, service, ...(bareWord(because) === '' ? {} : { because }) };
}
