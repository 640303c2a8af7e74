import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';
import { searchBounded } from '../../../domain/text/bounded-pattern.ts';
import { hasMoreMarks } from '../../../domain/text/yaml-marks.ts';

/** Where in a file the name of the release stands. */
export type ValuePlace =
  /** `newTag` of the entry of `images` with this name, of a Kustomization. */
  | { readonly kind: 'kustomize'; readonly image: string }
  /** A value of YAML or JSON: `image.tag`. */
  | { readonly kind: 'value'; readonly path: readonly string[] }
  /** What the first group of a pattern takes in. */
  | { readonly kind: 'pattern'; readonly pattern: string };

export type FoundValue =
  | { readonly kind: 'found'; readonly value: string; readonly write: (value: string) => string }
  /** Half a sentence about the file: "it has no entry … ". */
  | { readonly kind: 'problem'; readonly reason: string };

const MAX_CHARS = 512 * 1024;
const MOST_MARKS = 20_000;

/** The one value at a place of a text, and the text with another value there; all else stays as it is. */
export function findValue(text: string, place: ValuePlace): FoundValue {
  if (text.length > MAX_CHARS) return problem(`it is larger than ${MAX_CHARS / 1024} kB`);
  return place.kind === 'pattern' ? byPattern(text, place.pattern) : inYaml(text, place);
}

function byPattern(text: string, pattern: string): FoundValue {
  const first = searchBounded(pattern, 'mu', text);
  if (first === 'slow') return problem(`it is too much for the pattern ${pattern}`);
  if (first === null) return problem(`nothing in it matches ${pattern}`);
  if (first.group === null) return problem(`the pattern ${pattern} takes nothing into its first group`);
  const [start, end] = first.group;
  const second = searchBounded(pattern, 'mu', text.slice(end));
  if (second !== null) return problem(`more than one place in it matches ${pattern}`);
  return found(text, start, end, text.slice(start, end), (value) => value);
}

function inYaml(text: string, place: Exclude<ValuePlace, { kind: 'pattern' }>): FoundValue {
  if (hasMoreMarks(text, MOST_MARKS)) return problem('it has too much in it to be read');
  const lines = new LineCounter();
  const document = parsed(text, lines);
  const broken = document?.errors[0];
  if (!document) return problem('it is no YAML');
  if (broken) return problem(`its line ${lines.linePos(broken.pos[0]).line} is no YAML`);
  const again = keyAgain(document);
  if (again !== null)
    return problem(`its line ${lines.linePos(again).line} gives a key that was given before`);
  if (place.kind === 'value') return ofScalar(text, document.getIn(place.path, true), place.path.join('.'));
  const images = document.get('images', true);
  const entries = isSeq(images)
    ? images.items.filter((item) => isMap(item) && item.get('name') === place.image)
    : [];
  const [entry] = entries;
  if (!isMap(entry)) return problem(`its \`images\` have no entry with the name ${place.image}`);
  if (entries.length > 1)
    return problem(`its \`images\` have ${entries.length} entries with the name ${place.image}`);
  if (entry.has('digest'))
    return problem(`the entry ${place.image} has a digest, which counts for more than newTag`);
  return ofScalar(text, entry.get('newTag', true), `newTag of ${place.image}`);
}

function ofScalar(text: string, node: unknown, name: string): FoundValue {
  if (isAlias(node)) return problem(`${name} is an alias; write the value out in its place`);
  if (!isScalar(node) || !node.range) return problem(`it has no ${name}; write it there once by hand`);
  if (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)
    return problem(`${name} is a block of text; write it on one line`);
  const [start, end] = node.range;
  const isPlain = node.type === Scalar.PLAIN;
  const value = isPlain ? text.slice(start, end) : String(node.value);
  const quote = node.type === Scalar.QUOTE_SINGLE ? "'" : '"';
  const quoted = (next: string) =>
    quote === "'" && !next.includes("'") ? `'${next}'` : JSON.stringify(next);
  return found(text, start, end, value, (next) => (isPlain && staysText(next) ? next : quoted(next)));
}

/** Whether YAML reads it as this text without quotes; `1.10` would be a number. */
function staysText(value: string): boolean {
  return /^[A-Za-z][\w.+-]*$/.test(value) && parseDocument(value, { logLevel: 'silent' }).toJS() === value;
}

function parsed(text: string, lineCounter: LineCounter) {
  try {
    // Its own look for keys that are given twice compares each with each.
    const options = { prettyErrors: false, logLevel: 'silent', stringKeys: true, uniqueKeys: false } as const;
    return parseDocument(text, { lineCounter, ...options });
  } catch {
    return null;
  }
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

function found(
  text: string,
  start: number,
  end: number,
  value: string,
  written: (value: string) => string,
): FoundValue {
  return {
    kind: 'found',
    value,
    write: (next) => `${text.slice(0, start)}${written(next)}${text.slice(end)}`,
  };
}

function problem(reason: string): FoundValue {
  return { kind: 'problem', reason };
}
