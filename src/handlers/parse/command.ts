import type { CommandDeclaration } from '../../domain/commands/declaration.ts';
import { type StartRequest, startRequestsOf } from '../../domain/commands/start.ts';
import { COMMANDS } from '../../domain/commands/table.ts';
import { BUMPS, isOneOf, serviceNamed, wordsOf } from '../../domain/commands/words.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { nearest } from '../../domain/text/nearest.ts';
import { asTyped } from '../../domain/text/typed.ts';

/** Characters of a line that anybody types. */
const LONGEST = 2_000;

/** What is asked for without a word of its own. */
type Bare =
  | { readonly kind: 'form' }
  | { readonly kind: 'start'; readonly request: StartRequest }
  | { readonly kind: 'in-order'; readonly requests: readonly StartRequest[] };

/** `/ship-prod …` as a value. */
export type Command = Bare | ReturnType<(typeof COMMANDS)[number]['parse']>;

/**
 * Reads the text after `/ship-prod`. With one service configured its name may be left out.
 * Refusals: `command-unknown`, `service-missing`, `option-unknown`, `option-empty`, `option-for-one`, `too-many-words`,
 * `reason-missing`, `duration-unclear`.
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
  const text = asOneLine(line);
  const words = wordsOf(text);
  const [typed, ...rest] = words;
  if (typed === undefined) return { kind: 'form' };
  const first = serviceNamed(typed, services);
  const command = commands.find(({ word }) => word === first.toLowerCase());
  if (command) return command.parse({ text, rest, services });
  const isOptionOfTheOnly =
    services.length === 1 && (first.startsWith('--') || isOneOf(first.toLowerCase(), BUMPS));
  if (services.includes(first) || isOptionOfTheOnly) {
    const [request, ...more] = startRequestsOf(words, services);
    return more.length === 0
      ? { kind: 'start', request }
      : { kind: 'in-order', requests: [request, ...more] };
  }
  const suggestion = nearest(first, [...services, ...commands.map(({ word }) => word)]);
  throw new Refusal('command-unknown', { word: first, services, ...(suggestion ? { suggestion } : {}) });
}

/** The line in the words that were meant: single quotes keep together too, and the bot need not be called first. */
function asOneLine(line: string): string {
  const text = asTyped(line)
    .trim()
    .replace(/^(?:<@[A-Z0-9]{1,30}>|@[^\s,:]{1,80})(?:\s*[,:]\s*|\s+)/, '')
    .replace(/^\/?ship-prod\s+/i, '')
    .replace(/^roll[ -]back\b/i, 'rollback');
  return text.includes('"')
    ? text
    : text.replace(/(^|[\s=])'([^']*(?:\p{L}'\p{L}[^']*)*)'(?=\s|$)/gu, '$1"$2"');
}
