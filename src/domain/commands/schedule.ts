import { beginsMoment } from '../schedule/moment.ts';
import type { CommandDeclaration } from './declaration.ts';
import { type StartRequest, startRequestsOf } from './start.ts';
import {
  BUMPS,
  bareWord,
  isCourtesy,
  isOneOf,
  optionsIn,
  refuseMore,
  serviceFirst,
  servicesFirst,
} from './words.ts';

type ScheduleCommand =
  | { readonly kind: 'planned' }
  | { readonly kind: 'cancel-planned'; readonly service: string }
  | {
      readonly kind: 'schedule';
      readonly requests: readonly StartRequest[];
      /** The time, as it was typed. */
      readonly when: readonly string[];
    };

export const schedule = {
  word: 'schedule',
  usage: 'schedule shop tomorrow 9:00',
  meaning:
    'start it then, or “after the freeze”; alone it lists what is planned, and “schedule cancel shop” takes it back',
  parse: ({ rest, services }): ScheduleCommand => {
    const [first = '', ...more] = rest;
    const word = bareWord(first).toLowerCase();
    if (first === '' || (word === 'list' && more.length === 0)) return { kind: 'planned' };
    if (word === 'cancel') {
      const { service, others } = serviceFirst(more, services);
      refuseMore(others.filter((one) => !isCourtesy(one)));
      return { kind: 'cancel-planned', service };
    }
    const { options, words } = apart(optionsIn(rest, ['feature', 'note']));
    const { names, when } = namesAndTime(words, services);
    return { kind: 'schedule', requests: startRequestsOf([...names, ...options], services), when };
  },
} satisfies CommandDeclaration<ScheduleCommand>;

/** What is to be shipped in which step, and the words that are left. */
function apart(given: readonly string[]) {
  const options: string[] = [];
  const words: string[] = [];
  for (let at = 0; at < given.length; at++) {
    const word = given[at] ?? '';
    if (/^--(feature|note)$/.test(word)) options.push(word, ...given.slice(++at, at + 1));
    else if (word.startsWith('--') || isOneOf(bareWord(word).toLowerCase(), BUMPS)) options.push(word);
    else if (!isCourtesy(word)) words.push(word);
  }
  return { options, words };
}

/** The name of the only service may be left out. */
function namesAndTime(words: readonly string[], services: readonly string[]) {
  const { named, others } = servicesFirst(words, services);
  if (named.length > 0) return { names: named, when: others };
  const [first] = words;
  if (services.length === 1 && first !== undefined && beginsMoment(first)) return { names: [], when: words };
  const { service, others: rest } = serviceFirst(words, services);
  return { names: [service], when: rest };
}
