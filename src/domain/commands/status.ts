import type { CommandDeclaration } from './declaration.ts';

export const status = {
  word: 'status',
  usage: 'status',
  meaning: 'what is under way, live and locked',
  parse: () => ({ kind: 'status' as const }),
} satisfies CommandDeclaration;
