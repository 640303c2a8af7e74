import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, visit } from 'yaml';
import { textProblem } from '../text/text-problem.ts';
import { MOST_LEVELS, yamlDocument } from '../text/yaml-limits.ts';

/** Above this, in bytes, a state file is not parsed: real ones are under 20 kB, and the bot must stay responsive. */
const MAX_STATE_FILE_BYTES = 256 * 1024;
/** Above this many marks it is not parsed either; real files have under 2,000. */
const MOST_MARKS = 6_000;
const LONGEST_QUOTE = 80;
/** In our words what the parser says for programmers. */
const PROBLEMS: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'says the same key twice',
  MULTIPLE_DOCS: 'begins a second document; a state file has one',
  NON_STRING_KEY: 'has a key that is not a text',
};

/** One value of a state file and where it stands. */
export interface Field {
  /** Path of keys as written: `manual_gates.staging_validation.status`. */
  readonly path: string;
  /** The same as a list; numbers are places in a list. */
  readonly keys: readonly (string | number)[];
  /** 1-based. */
  readonly line: number;
  /** The text of a scalar as written, without quotes; null for a null, a map or a list. */
  readonly text: string | null;
  readonly kind: 'scalar' | 'map' | 'list' | 'null';
  /** Members of a list, or nothing. */
  readonly items: readonly Field[];
  /** Member of a map, found by its exact key. */
  get(key: string): Field | null;
  /** Keys and values of a map. */
  readonly entries: readonly (readonly [string, Field])[];
}

export interface StateDocument {
  readonly path: string;
  readonly root: Field;
}

export type ParsedState =
  | { readonly kind: 'document'; readonly document: StateDocument }
  | { readonly kind: 'unreadable'; readonly reason: string };

/**
 * Reads one file defensively: whatever is in it, the answer is a document or a reason that names the line.
 * Aliases and merge keys are refused: tools never write them here, and a gate must say what it says in its own place.
 */
export function parseState(path: string, bytes: Uint8Array): ParsedState {
  const unreadable = (reason: string): ParsedState => ({ kind: 'unreadable', reason });
  if (bytes.byteLength > MAX_STATE_FILE_BYTES) {
    const size = Math.round(bytes.byteLength / 1024);
    return unreadable(
      `${path} has ${size} kB; a state file may have at most ${MAX_STATE_FILE_BYTES / 1024} kB`,
    );
  }
  const problem = textProblem(bytes);
  if (problem !== null) {
    return unreadable(
      problem === 'lfs'
        ? `${path} is kept by Git LFS: the repository has only a pointer to it`
        : `${path} is not UTF-8 text${problem === 'other' ? '' : ` (it is ${problem})`}`,
    );
  }
  const text = new TextDecoder('utf-8').decode(bytes);
  const conflict = text.split('\n').findIndex((line) => /^(<{7}|={7}|>{7})(\s|$)/.test(line));
  if (conflict >= 0) return unreadable(`${path}:${conflict + 1} has a merge conflict that nobody resolved`);
  try {
    return parseText(path, text);
  } catch {
    // Whatever the parser throws, it is no state file.
    return unreadable(`${path} cannot be parsed: not YAML`);
  }
}

function parseText(path: string, text: string): ParsedState {
  const lines = new LineCounter();
  const options = { uniqueKeys: true, lineCounter: lines, stringKeys: true, logLevel: 'error' } as const;
  const document = yamlDocument(text, MOST_MARKS, options);
  if ('tooMuch' in document) {
    const reason =
      document.tooMuch === 'marks'
        ? `${path} has too much in it: a state file may have about ${MOST_MARKS / 2} lines; keep what is older elsewhere`
        : `${path}:${lines.linePos(document.at).line} is nested too deeply: a state file may have about ${MOST_LEVELS} levels`;
    return { kind: 'unreadable', reason };
  }
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const line = lines.linePos(problem.pos[0]).line;
    return { kind: 'unreadable', reason: `${path}:${line} ${PROBLEMS[problem.code] ?? problem.message}` };
  }
  let shared: number | null = null;
  visit(document, {
    Node: (key, node) => {
      const merge = key === 'key' && isScalar(node) && node.value === '<<';
      if (!isAlias(node) && !node.anchor && !merge) return undefined;
      shared = lines.linePos(node.range?.[0] ?? 0).line;
      return visit.BREAK;
    },
  });
  if (shared !== null) {
    return {
      kind: 'unreadable',
      reason: `${path}:${shared} uses a YAML anchor, alias or merge key; write the value out in its place`,
    };
  }
  if (!isMap(document.contents)) {
    const what = document.contents === null ? 'is empty' : 'is not a map of keys and values';
    return { kind: 'unreadable', reason: `${path} ${what}` };
  }
  return { kind: 'document', document: { path, root: fieldOf(document.contents, [], 1, lines) } };
}

function fieldOf(
  node: Node | null,
  keys: readonly (string | number)[],
  keyLine: number,
  lines: LineCounter,
): Field {
  const lineOf = (inner: unknown, fallback: number): number =>
    isNode(inner) && inner.range ? lines.linePos(inner.range[0]).line : fallback;
  const entries: [string, Field][] = [];
  const items: Field[] = [];
  if (isMap(node)) {
    for (const pair of node.items) {
      const key = isScalar(pair.key) ? String(pair.key.value) : '';
      const line = lineOf(pair.key, keyLine);
      entries.push([key, fieldOf(isNode(pair.value) ? pair.value : null, [...keys, key], line, lines)]);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) {
      items.push(fieldOf(isNode(item) ? item : null, [...keys, index], lineOf(item, keyLine), lines));
    }
  }
  const text = isScalar(node) && node.value !== null ? scalarText(node.value, node.source) : null;
  return {
    path: keys.map((key, at) => (typeof key === 'number' ? `[${key}]` : at > 0 ? `.${key}` : key)).join(''),
    keys,
    line: keyLine,
    text,
    kind: isMap(node) ? 'map' : isSeq(node) ? 'list' : text === null ? 'null' : 'scalar',
    items,
    entries,
    get: (key) => entries.find(([name]) => name === key)?.[1] ?? null,
  };
}

/** Numbers keep their digits as written: a commit id such as 0123456 or 12e4567 is not a number. */
function scalarText(value: unknown, source: string | undefined): string {
  return (typeof value === 'string' ? value : (source ?? String(value))).trim();
}

/** `key: value` as a person would quote it, in one line. */
export function quoteOf(field: Field): string {
  const text = field.text ?? (field.kind === 'null' ? 'null' : field.kind === 'map' ? '{…}' : '[…]');
  const flat = text.replace(/\s+/g, ' ');
  return `${field.path}: ${flat.length > LONGEST_QUOTE ? `${flat.slice(0, LONGEST_QUOTE)}…` : flat}`;
}
