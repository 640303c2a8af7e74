import type { CommandDeclaration } from './declaration.ts';
import { wishOf } from './start.ts';

export const plan = {
  word: 'plan',
  usage: 'plan shop',
  meaning: 'show gates and plan; changes nothing',
  parse: ({ rest, services }) => ({ kind: 'plan' as const, wish: wishOf(rest, services) }),
} satisfies CommandDeclaration;
