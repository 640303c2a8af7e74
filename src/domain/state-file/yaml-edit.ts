import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { yamlDocument } from '../text/yaml-limits.ts';
import {
  blockLines,
  flowText,
  insertLines,
  type KeyPath,
  newlineAt,
  render,
  renderKey,
  type Scalar,
  type Style,
  splice,
} from './yaml-text.ts';

/** Why an edit cannot be made without rewriting what people wrote. */
export class Uneditable extends Error {}

/** A text with what is in it: whoever asks several things of one text has it parsed once. */
export interface ParsedYaml {
  readonly text: string;
  readonly document: Document.Parsed;
  /** 0-based column of an offset. */
  readonly column: (offset: number) => number;
}

/** @throws Uneditable when it is nested too deeply */
export function parsed(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = yamlDocument(text, Number.POSITIVE_INFINITY, { lineCounter: lines, logLevel: 'error' });
  if ('tooMuch' in document) throw new Uneditable('it would be nested too deeply');
  return { text, document, column: (offset) => lines.linePos(offset).col - 1 };
}

/**
 * Sets one value of a YAML text by changing only the characters of that value, or by adding lines below its
 * siblings: comments, order, quotes, indentation and line ends elsewhere stay as they are.
 *
 * @throws Uneditable when a list or a text stands where a map is needed
 */
export function setIn(file: ParsedYaml, path: KeyPath, value: Scalar): string {
  const { text, document, column } = file;
  if (!isMap(document.contents)) throw new Uneditable('the file is not a map of keys and values');
  return setInMap({ text, column, step: indentStep(document, column) }, document.contents, path, 0, value);
}

/** Adds a value, or a map with one member, to a list that is there and not empty in block style. */
export function addToList(
  file: ParsedYaml,
  path: KeyPath,
  value: string | readonly [string, string],
): string {
  const { text, document, column } = file;
  const list = document.getIn(path, true);
  if (!isSeq(list)) throw new Uneditable(`${path.join('.')} is not a list`);
  const last = list.items.at(-1);
  if (list.flow) {
    const style = isScalar(last) && last.type === 'QUOTE_DOUBLE' ? 'JSON' : undefined;
    const item = typeof value === 'string' ? render(value, style) : flowText([value[0]], value[1], style);
    return addFlowItem(file, list, item);
  }
  if (!last) throw new Uneditable(`${path.join('.')} has no place for an item`);
  const style = isScalar(last) ? styleOf(last) : undefined;
  const item = typeof value === 'string' ? render(value, style) : `${value[0]}: ${render(value[1])}`;
  return insertLines(text, rangeOf(last)[1], [`${' '.repeat(column(list.range?.[0] ?? 0))}- ${item}`]);
}

/** Whether a list is written in brackets. */
export function isFlow({ document }: ParsedYaml, path: KeyPath): boolean {
  const list = document.getIn(path, true);
  return isSeq(list) && list.flow === true;
}

/** Whether a key is there, and its plain value (undefined for maps and lists). */
export function valueIn(
  { document }: ParsedYaml,
  path: KeyPath,
): { readonly there: boolean; readonly value?: unknown } {
  if (!document.hasIn(path)) return { there: false };
  const node = document.getIn(path, true);
  return isScalar(node) ? { there: true, value: node.value } : { there: true };
}

interface Text {
  readonly text: string;
  /** 0-based column of an offset. */
  readonly column: (offset: number) => number;
  /** Spaces by which the file indents. */
  readonly step: number;
}

function setInMap(file: Text, map: YAMLMap, path: KeyPath, depth: number, value: Scalar): string {
  const key = path[depth] ?? '';
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  if (!pair) return insertPair(file, map, path.slice(depth), value);
  if (depth === path.length - 1) return replaceValue(file, map, pair, value);
  const node = itemIn(pair.value, path, depth + 1);
  if (node.found !== undefined) return setInMap(file, node.found, path, node.depth, value);
  const { value: there } = pair;
  const empty =
    there === null || (isScalar(there) && there.value === null) || (isMap(there) && !there.items.length);
  if (!empty) throw new Uneditable(`${path.slice(0, depth + 1).join('.')} is not a map`);
  return fillEmpty(file, map, pair, path.slice(depth + 1), value);
}

/** The map that the path goes on in: the value itself, or an item of a list. */
function itemIn(node: unknown, path: KeyPath, depth: number): { found?: YAMLMap; depth: number } {
  const place = path[depth];
  if (isSeq(node) && typeof place === 'number') return itemIn(node.items[place], path, depth + 1);
  return isMap(node) && node.items.length > 0 ? { found: node, depth } : { depth };
}

function replaceValue({ text }: Text, map: YAMLMap, pair: Pair, value: Scalar): string {
  const node = pair.value;
  if (isMap(node) || isSeq(node)) throw new Uneditable(`${String(pair.key)} is not a single value`);
  const [start, end] = isScalar(node) && node.range ? node.range : [0, 0];
  const json = styleIn(map);
  if (start === end) {
    const after = colonOf(text, pair) + 1;
    return splice(text, after, after, ` ${render(value, json)}`);
  }
  const style = isScalar(node) && typeof node.value === 'string' ? styleOf(node) : json;
  const block = style === 'BLOCK_LITERAL' || style === 'BLOCK_FOLDED';
  return splice(text, start, end, render(value, style) + (block ? newlineAt(text, end - 1) : ''));
}

/** `key:`, `key: null` or `key: {}` becomes a map with one member. */
function fillEmpty(file: Text, map: YAMLMap, pair: Pair, rest: KeyPath, value: Scalar): string {
  const { text, column, step } = file;
  const colon = colonOf(text, pair);
  const [start, valueEnd] = isScalar(pair.value) || isMap(pair.value) ? rangeOf(pair.value) : [0, 0];
  const end = valueEnd > start ? valueEnd : colon + 1;
  if (map.flow) return splice(text, colon + 1, end, ` ${flowText(rest, value, styleIn(map))}`);
  const indent = column(rangeOf(pair.key)[0]) + step;
  return insertLines(splice(text, colon + 1, end, ''), colon + 1, blockLines(rest, value, indent, step));
}

function insertPair(file: Text, map: YAMLMap, path: KeyPath, value: Scalar): string {
  const { text, column, step } = file;
  const [first] = map.items;
  if (!first) throw new Uneditable('an empty map has no place for a key');
  if (map.flow) {
    const [key = '', ...rest] = path;
    const style = styleIn(map);
    const inner = rest.length > 0 ? flowText(rest, value, style) : render(value, style);
    return addFlowItem(file, map, `${renderKey(String(key), style)}: ${inner}`);
  }
  return insertLines(text, endOf(text, map), blockLines(path, value, column(rangeOf(first.key)[0]), step));
}

/** One more member of a flow collection: on the last line, or on a line of its own where each has one. */
function addFlowItem(file: Pick<Text, 'text' | 'column'>, list: YAMLMap | YAMLSeq, item: string): string {
  const { text, column } = file;
  const last = list.items.at(-1);
  if (!last) return splice(text, rangeOf(list)[0] + 1, rangeOf(list)[0] + 1, item);
  const start = rangeOf(isMap(list) ? list.items.at(-1)?.key : last)[0];
  const end = endOf(text, list);
  const alone = /\n\s*$/.test(text.slice(0, start)) && list.items.length > 0;
  if (!alone) return splice(text, end, end, `, ${item}`);
  const comma = /^\s*,/.exec(text.slice(end))?.[0] ?? '';
  const line = ' '.repeat(column(start)) + item + (comma === '' ? '' : ',');
  const withComma = comma === '' ? splice(text, end, end, ',') : text;
  return insertLines(withComma, end + Math.max(comma.length, 1), [line]);
}

/** Where the last member of a collection ends. */
function endOf(text: string, list: YAMLMap | YAMLSeq): number {
  if (isSeq(list)) return rangeOf(list.items.at(-1))[1];
  const last = list.items.at(-1);
  if (!last) throw new Uneditable('an empty map has no place for a key');
  const end = Math.max(rangeOf(last.key)[1], last.value ? rangeOf(last.value)[1] : 0);
  return last.value ? end : Math.max(end, colonOf(text, last) + 1);
}

/** `JSON` for a flow map whose keys are in double quotes: it stays what a JSON parser reads. */
function styleIn(map: YAMLMap): Style | undefined {
  const key = map.items[0]?.key;
  return map.flow && isScalar(key) && key.type === 'QUOTE_DOUBLE' ? 'JSON' : undefined;
}

function styleOf(node: { type?: unknown }): Style | undefined {
  return node.type as Style | undefined;
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
  const range = (node as { range?: readonly [number, number, number] | null } | null | undefined)?.range;
  if (!range) throw new Uneditable('a part of the file has no place');
  return range;
}

function colonOf(text: string, pair: Pair): number {
  return text.indexOf(':', rangeOf(pair.key)[1]);
}
