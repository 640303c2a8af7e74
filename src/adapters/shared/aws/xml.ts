import { SaxesParser } from 'saxes';

/** An element of an answer in XML: attributes are left out. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const DEEPEST = 30;

/** The root of an XML text; null for what is none, or is nested too deeply. */
export function readXml(text: string): XmlElement | null {
  const parser = new SaxesParser();
  const open: Open[] = [{ name: '', text: '', children: [] }];
  // The first error ends it: the parser goes on, and makes an error of every character that follows.
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name }) => {
    if (open.length > DEEPEST) throw new Error('nested too deeply');
    open.push({ name, text: '', children: [] });
  });
  parser.on('text', (part) => {
    const last = open.at(-1);
    if (last) last.text += part;
  });
  parser.on('closetag', () => {
    const done = open.pop();
    if (done) open.at(-1)?.children.push({ ...done, text: done.text.trim() });
  });
  try {
    parser.write(text).close();
  } catch {
    return null;
  }
  return open[0]?.children[0] ?? null;
}

/** The first element at such a path of names below this one; undefined when there is none. */
export function elementAt(
  root: XmlElement | null | undefined,
  ...path: readonly string[]
): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (element, name) => element?.children.find((child) => child.name === name),
    root ?? undefined,
  );
}

/** The text of that element; empty when there is none. */
export function textAt(root: XmlElement | null | undefined, ...path: readonly string[]): string {
  return elementAt(root, ...path)?.text ?? '';
}

/** The entries of a list: the `member` elements of the element at the path. */
export function membersAt(
  root: XmlElement | null | undefined,
  ...path: readonly string[]
): readonly XmlElement[] {
  return elementAt(root, ...path)?.children.filter(({ name }) => name === 'member') ?? [];
}
