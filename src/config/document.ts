import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { type Aliases, aliasesIn, isMergeKey, mergedMaps } from '../domain/text/yaml-aliases.ts';
import { yamlDocument } from '../domain/text/yaml-limits.ts';

export type Path = readonly (string | number)[];

/** 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A parsed YAML file that knows where everything stands. */
export interface ConfigDocument {
  readonly value: unknown;
  /** Of the value at a path, or of the nearest part of the path that is there. */
  placeOf(path: Path): Place;
  /** Of the key itself. */
  placeOfKey(path: Path): Place;
  has(path: Path): boolean;
}

export type ParsedConfig =
  | { readonly kind: 'document'; readonly document: ConfigDocument }
  | { readonly kind: 'broken'; readonly problems: readonly (Place & { readonly message: string })[] };

/** More than the file of one service has. */
const MOST_MARKS_OUTSIDE = 3_000;
const SAID = {
  marks: 'this file has too many keys and values',
  levels: 'this is nested too deeply',
} as const;

/**
 * Anchors, aliases and merge keys work, but in text from outside, of whoever may push to a repository. The value can be walked
 * through.
 */
export function parseConfigDocument(text: string, { isOutside = false } = {}): ParsedConfig {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const document = yamlDocument(text, isOutside ? MOST_MARKS_OUTSIDE : Number.POSITIVE_INFINITY, {
    lineCounter: lines,
    merge: true,
    stringKeys: true,
  });
  if ('tooMuch' in document) {
    return { kind: 'broken', problems: [{ ...place(document.at), message: SAID[document.tooMuch] }] };
  }
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    return {
      kind: 'broken',
      problems: problems.slice(0, 20).map((problem) => ({
        ...place(problem.pos[0]),
        message: saidOf(problem),
      })),
    };
  }
  const { targets, problem } = aliasesIn(document, { none: isOutside });
  if (problem !== null) {
    return { kind: 'broken', problems: [{ ...place(problem.at), message: problem.message }] };
  }
  const value: unknown = document.toJS({ maxAliasCount: -1 });
  const find = finderIn(document, targets);
  return {
    kind: 'document',
    document: {
      value,
      placeOf: (path) => {
        const found = find(path);
        return place((found.whole ? found.value : found.key) ?? 0);
      },
      placeOfKey: (path) => place(find(path).key ?? 0),
      has: (path) => find(path).whole,
    },
  };
}

/** Offsets of a value and its key, or of the nearest part of the path that is there. */
type Finder = (path: Path) => {
  readonly key: number | null;
  readonly value: number | null;
  readonly whole: boolean;
};

function finderIn(document: Document.Parsed, targets: Aliases['targets']): Finder {
  const start = (node: unknown): number | null => (isNode(node) && node.range ? node.range[0] : null);

  const pairIn = (map: YAMLMap, part: string): Pair | undefined =>
    map.items.find(({ key }) => isScalar(key) && String(key.value) === part && !isMergeKey(key)) ??
    map.items
      .flatMap(({ key, value: merged }) => (isMergeKey(key) ? (mergedMaps(merged, targets) ?? []) : []))
      .map((merged) => pairIn(merged, part))
      .find((pair) => pair !== undefined);

  return (path) => {
    let node: Node | null = document.contents;
    let key: number | null = start(node);
    let at: number | null = start(node);
    for (const part of path) {
      if (isAlias(node)) node = targets.get(node) ?? null;
      let next: Node | null | undefined;
      if (isMap(node)) {
        const pair = pairIn(node, String(part));
        if (!pair) return { key, value: at, whole: false };
        key = start(pair.key);
        next = isNode(pair.value) ? pair.value : null;
      } else if (isSeq(node)) {
        const item = node.items[Number(part)];
        next = isNode(item) ? item : undefined;
        if (next === undefined) return { key, value: at, whole: false };
        key = start(next);
      } else {
        return { key, value: at, whole: false };
      }
      node = next ?? null;
      at = start(node) ?? key;
    }
    return { key, value: at, whole: true };
  };
}

/** The same of a text whose value is known: it is parsed when somebody asks where something stands. */
export function documentOf(value: unknown, text: string): ConfigDocument {
  let parsed: ConfigDocument | null = null;
  const places = (): ConfigDocument => {
    if (parsed === null) {
      const found = parseConfigDocument(text);
      if (found.kind === 'broken') throw new Error('A text with a value must be YAML.');
      parsed = found.document;
    }
    return parsed;
  };
  return {
    value,
    placeOf: (path) => places().placeOf(path),
    placeOfKey: (path) => places().placeOfKey(path),
    has: (path) => places().has(path),
  };
}

function saidOf({ code, message }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'this key was given before';
  return message.split('\n')[0] ?? '';
}

export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[part]
        : undefined,
    data,
  );
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordOf(value: unknown): Record<string, unknown> | null {
  return isRecord(value) ? value : null;
}
