import type { CommandDeclaration } from './declaration.ts';
import { optionsIn, refuseMore, serviceNamed } from './words.ts';

const AUDIT = '--audit';

interface HistoryCommand {
  readonly kind: 'history';
  readonly service?: string;
  readonly audit?: true;
}

export const history = {
  word: 'history',
  usage: 'history [shop]',
  meaning:
    'what was shipped, who approved it, how it ended, and the figures of a service; --audit: who did what, and when',
  parse: ({ rest: given, services }): HistoryCommand => {
    const rest = optionsIn(given, ['audit']);
    const words = rest.filter((one) => one !== AUDIT);
    refuseMore(words.slice(1));
    return {
      kind: 'history',
      ...(words[0] === undefined ? {} : { service: serviceNamed(words[0], services) }),
      ...(words.length < rest.length ? { audit: true } : {}),
    };
  },
} satisfies CommandDeclaration;
