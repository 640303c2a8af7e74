import { type Document, Lexer } from 'yaml';
import { parseState, type StateDocument } from './document.ts';
import { isAfterProduction, phaseWord } from './vocabulary.ts';
import { addToList, isFlow, type ParsedYaml, parsed, setIn, Uneditable, valueIn } from './yaml-edit.ts';
import type { KeyPath, Scalar } from './yaml-text.ts';

type Model = Map<unknown, unknown> | unknown[];

/**
 * The text of a state file between edits. Beside the text it keeps the values that should be in it, so that an edit
 * which did anything else is noticed and not committed.
 */
export class Draft {
  /** What was there before the first edit. */
  readonly before: StateDocument;
  readonly #comments: readonly string[];
  readonly #wanted: Model;
  #parsed: ParsedYaml;

  constructor(before: StateDocument, text: string) {
    this.before = before;
    this.#parsed = parsed(text);
    this.#comments = commentsIn(text);
    this.#wanted = modelOf(this.#parsed.document);
  }

  has(path: KeyPath): boolean {
    return valueIn(this.#parsed, path).there;
  }

  set(path: KeyPath, value: Scalar): void {
    if (valueIn(this.#parsed, path).value === value) return;
    this.#parsed = parsed(setIn(this.#parsed, path, value));
    put(this.#wanted, path, value);
  }

  setIfThere(path: KeyPath, value: Scalar): void {
    if (this.has(path)) this.set(path, value);
  }

  /** Whether a list is written in brackets, so that there is a place for an item even when it is empty. */
  isFlow(path: KeyPath): boolean {
    return isFlow(this.#parsed, path);
  }

  /** Appends to a list that is there. */
  append(path: KeyPath, item: string | readonly [string, string]): void {
    this.#parsed = parsed(addToList(this.#parsed, path, item));
    const list = path.reduce<unknown>((inner, key) => memberOf(inner, key), this.#wanted);
    if (Array.isArray(list)) list.push(typeof item === 'string' ? item : new Map([item]));
  }

  /** Moves a phase on, in the spelling of the file: `ship:` in front, `_` for `-`. */
  setPhase(path: KeyPath, phase: string): void {
    const { there, value } = valueIn(this.#parsed, path);
    if (!there) return;
    const old = typeof value === 'string' ? value : '';
    const word = phaseWord(old);
    if (word === phase || (isAfterProduction(word) && isAfterProduction(phase))) return;
    this.set(path, spelledLike(phase, [old]));
  }

  /**
   * The text as it is now.
   *
   * @throws Uneditable when it does not say exactly what it should, or lost a comment
   */
  finish(): string {
    const { text, document } = this.#parsed;
    const after = parseState(this.before.path, new TextEncoder().encode(text));
    if (after.kind === 'unreadable')
      throw new Uneditable(`the result would not be readable: ${after.reason}`);
    const kept = JSON.stringify(commentsIn(text)) === JSON.stringify(this.#comments);
    if (!kept || !isSame(modelOf(document), this.#wanted)) {
      throw new Uneditable('it is written in a way that cannot be changed without rewriting more of it');
    }
    return text;
  }
}

/** A phase spelled as the others are: `ship:ship-prod`, `ship_prod`. */
export function spelledLike(phase: string, others: readonly string[]): string {
  const prefix = others.some((other) => /^ship:/i.test(other)) ? 'ship:' : '';
  const words = others.map((other) => other.replace(/^ship:/i, ''));
  const underscored = words.some((word) => word.includes('_')) && !words.some((word) => word.includes('-'));
  return prefix + (underscored ? phase.replaceAll('-', '_') : phase);
}

function modelOf(document: Document.Parsed): Model {
  return document.toJS({ mapAsMap: true }) as Model;
}

function memberOf(model: unknown, key: string | number): unknown {
  if (Array.isArray(model)) return model[Number(key)];
  return model instanceof Map ? model.get(key) : undefined;
}

function put(model: Model, path: KeyPath, value: Scalar): void {
  const [key = '', ...rest] = path;
  const inner = memberOf(model, key);
  const held = inner instanceof Map || Array.isArray(inner) ? inner : new Map();
  const next = rest.length === 0 ? value : held;
  if (Array.isArray(model)) model[Number(key)] = next;
  else model.set(key, next);
  if (rest.length > 0) put(held, rest, value);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && isSame(value, b.get(key)));
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => isSame(value, b[index]));
  }
  return Object.is(a, b) || (typeof a === 'number' && a === b);
}

function commentsIn(text: string): string[] {
  const comments: string[] = [];
  let before = '';
  for (const token of new Lexer().lex(text)) {
    // The lexer marks the content of a scalar by the unit separator before it.
    if (token.startsWith('#') && before !== '\u001f') comments.push(token);
    before = token;
  }
  return comments;
}
