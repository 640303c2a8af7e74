import type { CommandDeclaration } from './declaration.ts';
import { serviceFirst } from './words.ts';

export const cancel = {
  word: 'cancel',
  usage: 'cancel shop',
  meaning: 'stop a promotion that is not deployed yet',
  parse: ({ rest, services }) => {
    const { service, others } = serviceFirst(rest, services);
    return { kind: 'cancel' as const, service, reason: others.join(' ') };
  },
} satisfies CommandDeclaration;
