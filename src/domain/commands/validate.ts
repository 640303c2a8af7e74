import type { CommandDeclaration } from './declaration.ts';
import { refuseMore, serviceFirst } from './words.ts';

export const validate = {
  word: 'validate',
  usage: 'validate shop [014-checkout]',
  meaning: 'record that a person validated what is on staging',
  parse: ({ rest, services }) => {
    const { service, others } = serviceFirst(rest, services);
    const [feature, ...more] = others;
    refuseMore(more);
    return { kind: 'validate' as const, service, ...(feature === undefined ? {} : { feature }) };
  },
} satisfies CommandDeclaration;
