import { type AST, parseTOML } from 'toml-eslint-parser';
import { Refusal } from '../../refusals/refusal.ts';
import type { TextRange } from './json-text.ts';

/** A value of a TOML text with the keys that lead to it; numbers are places in a list of tables. */
export interface TomlEntry {
  readonly keys: readonly (string | number)[];
  /** The string, the boolean; null for anything else. */
  readonly value: string | boolean | null;
  /** Where the content of a string stands, between its quotes; null for anything else. */
  readonly range: TextRange | null;
}

/** Longer texts are refused: a parser that gives positions takes seconds for megabytes. */
const MOST_CHARACTERS = 512 * 1024;
const LONGEST_LINE = 10_000;
/** The parser calls itself for each level of a value, and ends the process with its stack. */
const MOST_LEVELS = 100;
/** Strings and comments, as in a text without a fault, and what opens and closes a level. */
const LEVELS =
  /"""(?:[^\\]|\\[\s\S]?)*?(?:"{3,5}|$)|'''[\s\S]*?(?:'{3,5}|$)|"(?:[^"\\\n]|\\[^\n])*"?|'[^'\n]*'?|#[^\n]*|[[\]{}]/g;

/**
 * All values of a TOML text, in order.
 *
 * @throws Refusal `version-file-broken`
 */
export function tomlEntries(path: string, text: string): readonly TomlEntry[] {
  if (text.length > MOST_CHARACTERS) {
    throw new Refusal('version-file-broken', { path, reason: 'it is longer than 512 kB' });
  }
  if (text.split('\n').some((line) => line.length > LONGEST_LINE)) {
    throw new Refusal('version-file-broken', {
      path,
      reason: 'it has a line of more than 10,000 characters',
    });
  }
  if (isDeep(text)) throw new Refusal('version-file-broken', { path, reason: 'it is nested too deeply' });
  const mark = text.startsWith('\uFEFF') ? 1 : 0;
  try {
    const { body } = parseTOML(text.slice(mark), { tomlVersion: '1.1' });
    return body.flatMap(({ body: parts }) => parts.flatMap((part) => entriesOf(part, [], mark)));
  } catch (cause) {
    throw new Refusal('version-file-broken', { path, reason: reasonOf(cause) });
  }
}

/** The entry at exactly these keys. */
export function tomlAt(
  entries: readonly TomlEntry[],
  ...keys: readonly (string | number)[]
): TomlEntry | undefined {
  return entries.find(
    (entry) => entry.keys.length === keys.length && keys.every((key, index) => entry.keys[index] === key),
  );
}

function entriesOf(
  node: AST.TOMLKeyValue | AST.TOMLTable,
  above: readonly (string | number)[],
  mark: number,
): readonly TomlEntry[] {
  if (node.type === 'TOMLTable') {
    return node.body.flatMap((entry) => entriesOf(entry, node.resolvedKey, mark));
  }
  const own = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
  return valuesOf(node.value, [...above, ...own], mark);
}

function valuesOf(
  node: AST.TOMLContentNode,
  keys: readonly (string | number)[],
  mark: number,
): readonly TomlEntry[] {
  if (node.type === 'TOMLInlineTable') return node.body.flatMap((entry) => entriesOf(entry, keys, mark));
  if (node.type === 'TOMLArray') {
    return node.elements.flatMap((element, index) => valuesOf(element, [...keys, index], mark));
  }
  if (node.kind === 'boolean') return [{ keys, value: node.value, range: null }];
  if (node.kind !== 'string') return [{ keys, value: null, range: null }];
  const quotes = node.multiline ? 3 : 1;
  const [start, end] = node.range;
  return [{ keys, value: node.value, range: { start: mark + start + quotes, end: mark + end - quotes } }];
}

function isDeep(text: string): boolean {
  let levels = 0;
  for (const [part] of text.matchAll(LEVELS)) {
    if (part === '[' || part === '{') levels += 1;
    else if (part === ']' || part === '}') levels = Math.max(0, levels - 1);
    if (levels > MOST_LEVELS) return true;
  }
  return false;
}

function reasonOf(cause: unknown): string {
  if (cause instanceof RangeError) return 'it is nested too deeply';
  if (!(cause instanceof Error)) return 'it is not TOML';
  const line = 'lineNumber' in cause ? `line ${cause.lineNumber}: ` : '';
  return line + cause.message;
}
