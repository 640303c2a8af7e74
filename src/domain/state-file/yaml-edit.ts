import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml';

export type Scalar = string | number | boolean | null;

/** Why an edit cannot be made without rewriting what people wrote. */
export class Uneditable extends Error {}

/**
 * Sets one value of a YAML text by changing only the characters of that value, or by adding lines below its
 * siblings: comments, order, quotes, indentation and line ends elsewhere stay as they are.
 *
 * @throws Uneditable when a list or a text stands where a map is needed
 */
export function setIn(given: string | ParsedYaml, path: readonly string[], value: Scalar): string {
  const { text, document, column } = parsed(given);
  if (!isMap(document.contents)) throw new Uneditable('the file is not a map of keys and values');
  return setInMap({ text, column, step: indentStep(document, column) }, document.contents, path, 0, value);
}

/** Adds a text to a list unless it is there already; a path without a list is left alone. */
export function addToList(given: string | ParsedYaml, path: readonly string[], value: string): string {
  const { text, document, column } = parsed(given);
  const list = document.getIn(path, true);
  if (!isSeq(list) || list.items.some((item) => isScalar(item) && item.value === value)) return text;
  const last = list.items.at(-1);
  const rendered = render(value);
  if (list.flow) {
    const end = last ? rangeOf(last)[1] : (list.range?.[0] ?? 0) + 1;
    return splice(text, end, end, last ? `, ${rendered}` : rendered);
  }
  if (!last) return text;
  const indent = ' '.repeat(column(list.range?.[0] ?? 0));
  return insertLines(text, rangeOf(last)[1], [`${indent}- ${rendered}`]);
}

/** Whether a key is there, and its plain value (undefined for maps and lists). */
export function valueIn(
  given: string | ParsedYaml,
  path: readonly string[],
): { readonly there: boolean; readonly value?: unknown; readonly isMap: boolean } {
  const { document } = parsed(given);
  const node = document.getIn(path, true);
  if (!document.hasIn(path)) return { there: false, isMap: false };
  return isScalar(node)
    ? { there: true, value: node.value, isMap: false }
    : { there: true, isMap: isMap(node) };
}

interface Text {
  readonly text: string;
  /** 0-based column of an offset. */
  readonly column: (offset: number) => number;
  /** Spaces by which the file indents. */
  readonly step: number;
}

function setInMap(file: Text, map: YAMLMap, path: readonly string[], depth: number, value: Scalar): string {
  const key = path[depth] ?? '';
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (!pair) return insertPair(file, map, path.slice(depth), value);
  const node = pair.value;
  if (depth === path.length - 1) return replaceValue(file, pair, value);
  if (isMap(node) && node.items.length > 0) return setInMap(file, node, path, depth + 1, value);
  const empty =
    node === null || (isScalar(node) && node.value === null) || (isMap(node) && !node.items.length);
  if (!empty) throw new Uneditable(`${path.slice(0, depth + 1).join('.')} is not a map`);
  return fillEmpty(file, map, pair, path.slice(depth + 1), value);
}

function replaceValue({ text }: Text, pair: Pair, value: Scalar): string {
  const node = pair.value;
  if (isMap(node) || isSeq(node)) throw new Uneditable(`${String(pair.key)} is not a single value`);
  const [start, end] = isScalar(node) && node.range ? node.range : [0, 0];
  if (start === end) {
    const after = colonOf(text, pair) + 1;
    return splice(text, after, after, ` ${render(value)}`);
  }
  const style = isScalar(node) && typeof node.value === 'string' ? node.type : undefined;
  const block = style === 'BLOCK_LITERAL' || style === 'BLOCK_FOLDED';
  return splice(text, start, end, render(value, style) + (block ? newlineOf(text) : ''));
}

/** `key:`, `key: null` or `key: {}` becomes a map with one member. */
function fillEmpty(file: Text, map: YAMLMap, pair: Pair, rest: readonly string[], value: Scalar): string {
  const { text, column, step } = file;
  const colon = colonOf(text, pair);
  const [start, valueEnd] = isScalar(pair.value) || isMap(pair.value) ? rangeOf(pair.value) : [0, 0];
  const end = valueEnd > start ? valueEnd : colon + 1;
  if (map.flow) return splice(text, colon + 1, end, ` ${flowText(rest, value)}`);
  const indent = column(rangeOf(pair.key)[0]) + step;
  return insertLines(splice(text, colon + 1, end, ''), colon + 1, blockLines(rest, value, indent, step));
}

function insertPair(file: Text, map: YAMLMap, path: readonly string[], value: Scalar): string {
  const { text, column, step } = file;
  const [first] = map.items;
  const last = map.items.at(-1);
  if (!first || !last) throw new Uneditable('an empty map has no place for a key');
  const end = Math.max(
    rangeOf(last.key)[1],
    last.value ? rangeOf(last.value)[1] : 0,
    colonOf(text, last) + 1,
  );
  if (map.flow) {
    const [key = '', ...rest] = path;
    const inner = rest.length > 0 ? flowText(rest, value) : render(value);
    return splice(text, end, end, `, ${key}: ${inner}`);
  }
  return insertLines(text, end, blockLines(path, value, column(rangeOf(first.key)[0]), step));
}

function blockLines(path: readonly string[], value: Scalar, indent: number, step: number): string[] {
  return path.map((key, depth) => {
    const tail = depth === path.length - 1 ? ` ${render(value)}` : '';
    return `${' '.repeat(indent + depth * step)}${key}:${tail}`;
  });
}

function flowText(path: readonly string[], value: Scalar): string {
  return path.reduceRight((inner, key) => `{ ${key}: ${inner} }`, render(value));
}

/** New lines below the line in which `offset` lies; at the end of a file without a last newline it stays without. */
function insertLines(text: string, offset: number, lines: readonly string[]): string {
  const newline = newlineOf(text);
  const block = lines.join(newline);
  if (offset > 0 && text[offset - 1] === '\n') return splice(text, offset, offset, block + newline);
  const end = text.indexOf('\n', offset);
  if (end < 0) return `${text}${newline}${block}`;
  return splice(text, end + 1, end + 1, block + newline);
}

/** A scalar in the style that stood there before; times are quoted, as older YAML reads bare ones as dates. */
function render(value: Scalar, style?: string | null): string {
  if (typeof value !== 'string') return String(value);
  if (style === 'QUOTE_SINGLE' && !/[\n']/.test(value)) return `'${value}'`;
  const looksLikeTime = /^\d{4}-\d\d-\d\d/.test(value);
  if (style === 'QUOTE_DOUBLE' || (looksLikeTime && style !== 'PLAIN')) return JSON.stringify(value);
  const plain = stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
  // In a flow collection these would end the value; and a block text would need lines of its own.
  return /[,[\]{}\n]/.test(plain) && !/^["']/.test(plain) ? JSON.stringify(value) : plain;
}

/** A text with what is in it: whoever asks several things of one text has it parsed once. */
export interface ParsedYaml {
  readonly text: string;
  readonly document: Document.Parsed;
  /** 0-based column of an offset. */
  readonly column: (offset: number) => number;
}

export function parsed(given: string | ParsedYaml): ParsedYaml {
  if (typeof given !== 'string') return given;
  const lines = new LineCounter();
  const document = parseDocument(given, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  return { text: given, document, column: (offset) => lines.linePos(offset).col - 1 };
}

function indentStep(document: Document.Parsed, column: (offset: number) => number): number {
  if (!isMap(document.contents)) return 2;
  for (const pair of document.contents.items) {
    if (!isMap(pair.value) || pair.value.flow || !pair.value.items[0]) continue;
    const step = column(rangeOf(pair.value.items[0].key)[0]) - column(rangeOf(pair.key)[0]);
    if (step > 0) return step;
  }
  return 2;
}

function rangeOf(node: unknown): readonly [number, number, number] {
  const range = (node as { range?: readonly [number, number, number] | null }).range;
  if (!range) throw new Uneditable('a part of the file has no place');
  return range;
}

function colonOf(text: string, pair: Pair): number {
  return text.indexOf(':', rangeOf(pair.key)[1]);
}

function newlineOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}

function splice(text: string, from: number, to: number, replacement: string): string {
  return text.slice(0, from) + replacement + text.slice(to);
}
