import { SaxesParser } from 'saxes';
import type { TextRange } from './json-text.ts';

/** An element that holds only text: the names that lead to it, and where its text stands without blanks around it. */
export interface XmlText {
  /** `project/parent/version` */
  readonly path: string;
  readonly value: string;
  readonly range: TextRange;
  /** Where the element around it begins: the same for all that stand in it. */
  readonly around: number;
}

const MOST_CHARACTERS = 1024 * 1024;
/** Versions stand two to eight elements deep. */
const MOST_DEEP = 8;

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
    const { start = 0, isLeaf = false } = open.at(-1) ?? {};
    if (isLeaf && open.length <= MOST_DEEP) {
      const inner = text.slice(start, Math.max(start, text.lastIndexOf('</', parser.position - 1)));
      const value = inner.trim();
      const from = start + inner.indexOf(value);
      const path = open.map(({ name }) => name).join('/');
      if (value !== '' && !value.includes('<'))
        found.push({
          path,
          value,
          range: { start: from, end: from + value.length },
          around: open.at(-2)?.start ?? 0,
        });
    }
    open.pop();
  });
  // The first error ends it: the parser goes on, and makes an error of every character that follows.
  parser.on('error', (error) => {
    throw error;
  });
  try {
    parser.write(text).close();
  } catch {
    return [];
  }
  return found;
}
