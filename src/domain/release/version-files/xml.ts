import { SaxesParser } from 'saxes';
import type { TextRange } from './json-text.ts';

/** An element that holds only text: the names that lead to it, and where its text stands without blanks around it. */
export interface XmlText {
  /** `project/parent/version` */
  readonly path: string;
  readonly value: string;
  readonly range: TextRange;
}

const MOST_CHARACTERS = 1024 * 1024;

/** All elements with text of an XML file; nothing when it is broken or longer than a megabyte. */
export function xmlTexts(text: string): readonly XmlText[] {
  if (text.length > MOST_CHARACTERS) return [];
  const found: XmlText[] = [];
  const open: { readonly name: string; readonly start: number; isLeaf: boolean }[] = [];
  const parser = new SaxesParser({ position: true });
  parser.on('opentag', ({ name }) => {
    const above = open.at(-1);
    if (above) above.isLeaf = false;
    open.push({ name, start: parser.position, isLeaf: true });
  });
  parser.on('closetag', () => {
    const path = open.map(({ name }) => name).join('/');
    const { start = 0, isLeaf = false } = open.pop() ?? {};
    const inner = text.slice(start, Math.max(start, text.lastIndexOf('</', parser.position - 1)));
    const value = inner.trim();
    if (!isLeaf || value === '' || value.includes('<')) return;
    const from = start + inner.indexOf(value);
    found.push({ path, value, range: { start: from, end: from + value.length } });
  });
  let isBroken = false;
  parser.on('error', () => {
    isBroken = true;
  });
  parser.write(text).close();
  return isBroken ? [] : found;
}
