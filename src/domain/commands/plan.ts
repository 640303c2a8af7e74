import type { CommandDeclaration } from './declaration.ts';
import { startRequestOf } from './start.ts';

export const plan = {
  word: 'plan',
  usage: 'plan shop',
  meaning: 'show gates and plan; changes nothing',
  parse: ({ rest, services }) => ({ kind: 'plan' as const, request: startRequestOf(rest, services) }),
} satisfies CommandDeclaration;
