import type { CommandDeclaration } from '../../domain/commands/declaration.ts';
import { type StartRequest, startRequestOf } from '../../domain/commands/start.ts';
import { COMMANDS } from '../../domain/commands/table.ts';
import { BUMPS, isOneOf, wordsOf } from '../../domain/commands/words.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { nearest } from '../../domain/text/nearest.ts';
import { asTyped } from '../../domain/text/typed.ts';

/** Characters of a line that anybody types. */
const LONGEST = 2_000;

/** What is asked for without a word of its own. */
type Bare = { readonly kind: 'form' } | { readonly kind: 'start'; readonly request: StartRequest };

/** `/ship-prod …` as a value. */
export type Command = Bare | ReturnType<(typeof COMMANDS)[number]['parse']>;

/**
 * Reads the text after `/ship-prod`. With one service configured its name may be left out.
 * Refusals: `command-unknown`, `service-missing`, `option-unknown`, `option-empty`, `too-many-words`, `reason-missing`,
 * `duration-unclear`.
 */
export function parseCommand(text: string, services: readonly string[]): Command;
export function parseCommand<C extends { readonly kind: string }>(
  text: string,
  services: readonly string[],
  commands: readonly CommandDeclaration<C>[],
): Bare | C;
export function parseCommand(
  line: string,
  services: readonly string[],
  commands: readonly CommandDeclaration[] = COMMANDS,
): Bare | { readonly kind: string } {
  if (line.length > LONGEST) throw new Refusal('too-many-words', { words: [`${line.slice(0, 40)}…`] });
  const text = asTyped(line);
  const words = wordsOf(text);
  const [first, ...rest] = words;
  if (first === undefined) return { kind: 'form' };
  const command = commands.find(({ word }) => word === first);
  if (command) return command.parse({ text, rest, services });
  const isOptionOfTheOnly = services.length === 1 && (first.startsWith('--') || isOneOf(first, BUMPS));
  if (services.includes(first) || isOptionOfTheOnly)
    return { kind: 'start', request: startRequestOf(words, services) };
  const suggestion = nearest(first, [...services, ...commands.map(({ word }) => word)]);
  throw new Refusal('command-unknown', { word: first, services, ...(suggestion ? { suggestion } : {}) });
}
