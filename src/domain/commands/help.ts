import type { CommandDeclaration } from './declaration.ts';

export const help = {
  word: 'help',
  usage: 'help',
  meaning: null,
  parse: () => ({ kind: 'help' as const }),
} satisfies CommandDeclaration;
