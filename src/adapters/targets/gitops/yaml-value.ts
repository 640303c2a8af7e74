import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Scalar,
  visit,
} from 'yaml';
import { smallYaml, yamlDocuments } from '../../../domain/text/yaml-limits.ts';

export type YamlPlace =
  /** `newTag` of the entry of `images` with this name, of a Kustomization. */
  | { readonly kind: 'kustomize'; readonly image: string }
  /** A value of YAML or JSON: `image.tag`. */
  | { readonly kind: 'value'; readonly path: readonly string[] };

/** A value in a text. */
export interface Spot {
  readonly start: number;
  readonly end: number;
  readonly value: string;
  /** How another value is written there. */
  readonly written: (value: string) => string;
  /** What the text says besides the value. */
  readonly rest: () => string;
}

const MOST_MARKS = 20_000;
/** Of YAML itself, without that of text: `!!int`. */
const NO_TEXT = /^tag:yaml\.org,2002:(?!str$)/;

/** Where a value stands in YAML, which may be several documents; half a sentence why it is not to be had there. */
export function spotInYaml(text: string, place: YamlPlace): Spot | string {
  const lines = new LineCounter();
  const documents = parsed(text, lines);
  if (documents === null) return 'it is no YAML';
  if ('tooMuch' in documents)
    return documents.tooMuch === 'marks'
      ? 'it has too much in it to be read'
      : `its line ${lines.linePos(documents.at).line} is nested too deeply to be read`;
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken) return `its line ${lines.linePos(broken.pos[0]).line} is no YAML`;
  const [again] = documents.flatMap((document) => keyAgain(document) ?? []);
  if (again !== undefined) return `its line ${lines.linePos(again).line} gives a key that was given before`;
  const [node, name] =
    place.kind === 'value' ? byPath(documents, place.path) : ofImage(documents, place.image);
  return node === null ? name : ofScalar(text, node, name, documents);
}

/** A node and what it is called; null and a reason. */
type Named = readonly [node: unknown, name: string] | readonly [node: null, reason: string];

function byPath(documents: readonly Document[], path: readonly string[]): Named {
  const name = path.join('.');
  const nodes = documents.flatMap((document) => document.getIn(path, true) ?? []);
  return nodes.length > 1 ? [null, `${nodes.length} documents in it have ${name}`] : [nodes[0], name];
}

function ofImage(documents: readonly Document[], image: string): Named {
  const entries = documents.flatMap((document) => {
    const images = document.get('images', true);
    return isSeq(images) ? images.items.filter((item) => isMap(item) && item.get('name') === image) : [];
  });
  const [entry] = entries;
  if (!isMap(entry)) return [null, `its \`images\` have no entry with the name ${image}`];
  if (entries.length > 1)
    return [null, `its \`images\` have ${entries.length} entries with the name ${image}`];
  if (entry.has('digest'))
    return [null, `the entry ${image} has a digest, which counts for more than newTag`];
  return [entry.get('newTag', true), `newTag of ${image}`];
}

function ofScalar(text: string, node: unknown, name: string, documents: readonly Document[]): Spot | string {
  if (isAlias(node)) return `${name} is an alias; write the value out in its place`;
  if (!isScalar(node) || !node.range) return `it has no ${name}; write it there once by hand`;
  if (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)
    return `${name} is a block of text; write it on one line`;
  const [start, end] = node.range;
  if (start === end || node.value === null) return `${name} is empty; write a value there once by hand`;
  if (NO_TEXT.test(node.tag ?? '')) return `${name} has a tag that makes it no text; take that away`;
  const isPlain = node.type === Scalar.PLAIN;
  const value = isPlain ? text.slice(start, end) : String(node.value);
  const quote = node.type === Scalar.QUOTE_SINGLE ? "'" : '"';
  const quoted = (next: string) =>
    quote === "'" && !next.includes("'") ? `'${next}'` : JSON.stringify(next);
  const written = (next: string) => (isPlain && staysText(next) ? next : quoted(next));
  return { start, end, value, written, rest: () => documents.map((one) => restOf(one, node)).join('\n') };
}

/** Whether YAML, also 1.1, reads it as this text without quotes; `1.10` would be a number, `on` a boolean. */
function staysText(value: string): boolean {
  const reads = (version: '1.1' | '1.2') => smallYaml(value, value.length, version);
  return /^[A-Za-z][\w.+-]*$/.test(value) && reads('1.2') === value && reads('1.1') === value;
}

function parsed(text: string, lineCounter: LineCounter): ReturnType<typeof yamlDocuments> | null {
  try {
    // Its own look for keys that are given twice compares each with each.
    const options = { logLevel: 'silent', stringKeys: true, uniqueKeys: false } as const;
    return yamlDocuments(text, MOST_MARKS, { lineCounter, ...options });
  } catch {
    return null;
  }
}

/** What else is in a document, as it is written: an alias is one, and not what it stands for. */
function restOf(document: Document, value: Node): string {
  const nodes: unknown[] = [];
  visit(document, (key, node) => {
    if (!isAlias(node) && !isScalar(node) && !isCollection(node)) return;
    const { tag, anchor } = node;
    const what = isAlias(node) ? node.source : isScalar(node) ? node.value : node.items.length;
    nodes.push([key, ...(node === value ? [anchor] : [typeof what, String(what), tag, anchor])]);
  });
  return JSON.stringify(nodes);
}

/** Where a key begins that its map has already; null: none has one twice. */
function keyAgain(document: Document): number | null {
  let again: number | null = null;
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          again = key.range?.[0] ?? 0;
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return again;
}
