import type { CommandDeclaration } from './declaration.ts';
import { optionsIn, refuseMore, serviceNamed } from './words.ts';

const AUDIT = '--audit';

export const history = {
  word: 'history',
  usage: 'history [shop]',
  meaning:
    'what was shipped, who approved it, how it ended, and the figures of a service; --audit: who did what, and when',
  parse: ({ rest: given, services }) => {
    const rest = optionsIn(given, ['audit']);
    const words = rest.filter((one) => one !== AUDIT);
    refuseMore(words.slice(1));
    return {
      kind: 'history' as const,
      ...(words[0] === undefined ? {} : { service: serviceNamed(words[0], services) }),
      ...(words.length < rest.length ? { audit: true as const } : {}),
    };
  },
} satisfies CommandDeclaration;
