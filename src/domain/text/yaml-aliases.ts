import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
} from 'yaml';
import { nearest } from './nearest.ts';
import { MOST_LEVELS } from './yaml-limits.ts';

/** Counted where aliases stand for them; more than a thousand services have, and few enough to be walked through. */
const MOST_VALUES = 500_000;

export interface Aliases {
  /** The value that each stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Why the document is not to be made a value, and the offset of that; null: it may be. */
  readonly problem: { readonly at: number; readonly message: string } | null;
}

/**
 * Where the aliases of a parsed document lead. A document without a problem makes a value that can be walked through: without
 * circles, not too deep and not too large; the parser of YAML does not look for any of these. With `none`, as for text from
 * outside, there may be no anchors, aliases and merge keys at all.
 */
export function aliasesIn(document: Document, { none = false } = {}): Aliases {
  const walk = new Walk(none);
  walk.value(document.contents, 0);
  const { targets, problem } = walk;
  return { targets, problem };
}

class Walk {
  readonly targets = new Map<Alias, Node>();
  problem: Aliases['problem'] = null;
  readonly #none: boolean;
  readonly #anchors = new Map<string, Node>();
  readonly #sizes = new Map<Node, number>();
  /** Levels below each, and below what is being walked through. */
  readonly #levels = new Map<Node, number>();
  #deepest = 0;
  readonly #open = new Set<Node>();
  #total = 0;

  constructor(none: boolean) {
    this.#none = none;
  }

  value(node: unknown, depth: number): void {
    if (this.problem !== null || !isNode(node)) return;
    if (this.#none && (isAlias(node) || node.anchor)) this.#fail(node, WRITE_OUT);
    else if (depth > MOST_LEVELS) this.#fail(node, TOO_DEEP);
    else if (isAlias(node)) this.#alias(node, depth);
    else this.#own(node, depth);
    if (this.#total > MOST_VALUES)
      this.#fail(node, `with its aliases written out this has more than ${MOST_VALUES} values`);
  }

  #own(node: Node, depth: number): void {
    if ('anchor' in node && node.anchor) this.#anchors.set(node.anchor, node);
    this.#open.add(node);
    const before = this.#total++;
    const above = this.#deepest;
    this.#deepest = depth;
    if (isSeq(node)) for (const item of node.items) this.value(item, depth + 1);
    if (isMap(node)) for (const pair of node.items) this.#pair(pair, depth + 1);
    this.#open.delete(node);
    this.#sizes.set(node, this.#total - before);
    this.#levels.set(node, this.#deepest - depth);
    this.#deepest = Math.max(above, this.#deepest);
  }

  #pair({ key, value }: Pair, depth: number): void {
    if (isScalar(key) && key.value === '__proto__') this.#fail(key, 'no key may have this name');
    this.value(key, depth);
    this.value(value, depth);
    if (!isMergeKey(key)) return;
    if (this.#none) this.#fail(key, WRITE_OUT);
    else if (!mergedMaps(value, this.targets)) this.#fail(key, 'this needs a map, or a list of maps');
  }

  #alias(alias: Alias, depth: number): void {
    const target = this.#anchors.get(alias.source);
    if (target === undefined) this.#fail(alias, unknown(alias.source, [...this.#anchors.keys()]));
    else if (this.#open.has(target))
      this.#fail(alias, `*${alias.source} stands inside of what it stands for`);
    else {
      this.targets.set(alias, target);
      this.#total += this.#sizes.get(target) ?? 0;
      this.#deepest = Math.max(this.#deepest, depth + (this.#levels.get(target) ?? 0));
      if (this.#deepest > MOST_LEVELS) this.#fail(alias, TOO_DEEP);
    }
  }

  #fail(node: unknown, message: string): void {
    this.problem ??= { at: (isNode(node) && node.range?.[0]) || 0, message };
  }
}

const TOO_DEEP = 'this is nested too deeply';
const WRITE_OUT = 'a YAML anchor, alias or merge key; write the value out in its place';

/** `<<` without quotes. */
export function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<';
}

/** The maps that a merge key adds, what counts first first; null where it is given something else. */
export function mergedMaps(value: unknown, targets: Aliases['targets']) {
  const resolved = (node: unknown) => (isAlias(node) ? targets.get(node) : node);
  const given = resolved(value);
  const maps = (isSeq(given) ? given.items : [given]).map(resolved);
  return maps.every((map) => isMap(map)) ? maps : null;
}

function unknown(name: string, anchors: readonly string[]): string {
  const close = nearest(name, anchors);
  return `nothing above has the anchor &${name}${close === null ? '' : `; did you mean *${close}?`}`;
}
