import type { CommandDeclaration } from './declaration.ts';
import { isCourtesy, optionsIn, refuseMore, serviceFirst, serviceNamed, versionIn } from './words.ts';

export const rollback = {
  word: 'rollback',
  usage: 'rollback shop [2.6.0]',
  meaning: 'go back to the release before, or to that one',
  parse: ({ rest, services }) => {
    const { service, others } = saidIn(rest, services);
    const [to, ...more] = others;
    refuseMore(more);
    return { kind: 'rollback' as const, service, ...(to === undefined ? {} : { to: versionIn(to) }) };
  },
} satisfies CommandDeclaration;

const VERSION = /^v?\d+\.\d/;

/** The service and the version, without the words that people put around them. */
function saidIn(rest: readonly string[], services: readonly string[]): ReturnType<typeof serviceFirst> {
  const words = optionsIn(rest, ['to'])
    .map((word) => word.replace(/^--to=/, ''))
    .filter(
      (word) => services.includes(serviceNamed(word, services)) || !(isCourtesy(word) || isAround(word)),
    );
  const [first = '', ...others] = words;
  const [only] = services;
  if (!VERSION.test(versionIn(first)) || services.includes(first)) return serviceFirst(words, services);
  // A version and no service: that of the only one there is.
  return only !== undefined && services.length === 1
    ? { service: only, others: [first, ...others] }
    : serviceFirst([], services);
}

function isAround(word: string): boolean {
  return ['the', 'to', '--to', 'version', 'release'].includes(word.toLowerCase());
}
