import { FUNCTIONS, isEmpty, printed } from './functions.ts';
import { type Piece, piecesOf, wordsOf } from './tokens.ts';

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly words: readonly string[] }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly words: readonly string[];
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
    };

type Scope = { readonly dot: unknown; readonly variables: Readonly<Record<string, unknown>> };
export type Definitions = Map<string, readonly Node[]>;

/** What a template writes, and what it defines for others; only the part of Go's language that the chart uses. */
export function parseTemplate(template: string, definitions: Definitions): readonly Node[] {
  const pieces = [...piecesOf(template)];
  const nodes = block(pieces, definitions);
  if (pieces.length > 0) throw new Error('an {{ end }} closes nothing');
  return nodes;
}

/** Takes pieces until an `end` or `else`, which it leaves. */
function block(pieces: Piece[], definitions: Definitions): readonly Node[] {
  const nodes: Node[] = [];
  for (;;) {
    const [piece] = pieces;
    if (piece === undefined || (piece.kind === 'action' && /^(end|else)\b/.test(piece.code))) return nodes;
    pieces.shift();
    if (piece.kind === 'text') {
      nodes.push(piece);
      continue;
    }
    const [word = '', ...words] = wordsOf(piece.code);
    if (word === 'define') {
      definitions.set(JSON.parse(words[0] ?? '') as string, block(pieces, definitions));
      closed(pieces);
    } else if (word === 'if' || word === 'with' || word === 'range') {
      const body = block(pieces, definitions);
      const hasElse = pieces[0]?.kind === 'action' && pieces[0].code === 'else';
      if (hasElse) pieces.shift();
      const otherwise = hasElse ? block(pieces, definitions) : [];
      closed(pieces);
      nodes.push({ kind: word, words, body, otherwise });
    } else nodes.push({ kind: 'print', words: [word, ...words] });
  }
}

function closed(pieces: Piece[]): void {
  const piece = pieces.shift();
  if (piece?.kind !== 'action' || piece.code !== 'end') throw new Error('an {{ end }} is missing');
}

/** Writes the nodes with `root` as `.` and `$`. */
export function write(nodes: readonly Node[], root: unknown, definitions: Definitions): string {
  const scope: Scope = { dot: root, variables: { $: root } };
  return nodes.map((node) => writeNode(node, scope, definitions)).join('');
}

function writeNode(node: Node, scope: Scope, definitions: Definitions): string {
  const writeAll = (nodes: readonly Node[], inner: Scope) =>
    nodes.map((one) => writeNode(one, inner, definitions)).join('');
  if (node.kind === 'text') return node.text;
  if (node.kind === 'print') return printed(evaluate(node.words, scope, definitions));
  const at = node.words.indexOf(':=');
  const names = node.words.slice(0, Math.max(at, 0)).filter((word) => word !== ',');
  const value = evaluate(node.words.slice(at + 1), scope, definitions);
  if (isEmpty(value)) return writeAll(node.otherwise, scope);
  if (node.kind === 'if') return writeAll(node.body, scope);
  if (node.kind === 'with') return writeAll(node.body, { ...scope, dot: value });
  return Object.entries(value as object)
    .sort(([a], [b]) => (Array.isArray(value) ? 0 : a < b ? -1 : 1))
    .map(([key, dot]) => {
      const given = names.length === 2 ? [key, dot] : [dot];
      const variables = Object.fromEntries(names.map((name, index) => [name, given[index]]));
      return writeAll(node.body, { dot, variables: { ...scope.variables, ...variables } });
    })
    .join('');
}

/** A pipeline: each command gets the value of the one before as its last argument. */
function evaluate(words: readonly string[], scope: Scope, definitions: Definitions): unknown {
  let piped: readonly unknown[] = [];
  for (const command of split(words)) {
    const [head = '', ...rest] = command;
    const operands = grouped(rest).map((group) => operand(group, scope, definitions));
    const args = [...operands, ...piped];
    if (head === 'include') {
      const nodes = definitions.get(String(args[0]));
      if (nodes === undefined) throw new Error(`nothing defines ${String(args[0])}`);
      piped = [write(nodes, args[1], definitions)];
    } else if (/^[a-z]\w*$/i.test(head) && head !== 'true' && head !== 'false') {
      const call = FUNCTIONS[head];
      if (call === undefined) throw new Error(`there is no function ${head}`);
      if (call.length !== args.length) throw new Error(`${head} takes ${call.length} arguments`);
      piped = [call(...args)];
    } else {
      if (args.length > 0) throw new Error(`${head} is no function`);
      piped = [operand([head], scope, definitions)];
    }
  }
  return piped[0];
}

/** Commands between the bars that are in no parentheses. */
function split(words: readonly string[]): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  for (const group of grouped(words)) {
    if (group[0] === '|') commands.push([]);
    else commands.at(-1)?.push(...group);
  }
  return commands;
}

/** Words, those in parentheses together. */
function grouped(words: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let depth = 0;
  for (const word of words) {
    if (depth === 0) groups.push([word]);
    else groups.at(-1)?.push(word);
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
  }
  return groups;
}

function operand(group: readonly string[], scope: Scope, definitions: Definitions): unknown {
  const [word = ''] = group;
  if (word === '(') return evaluate(group.slice(1, -1), scope, definitions);
  if (word.startsWith('"')) return JSON.parse(word);
  if (/^\d+$/.test(word)) return Number(word);
  if (word === 'true' || word === 'false') return word === 'true';
  const path = /^(\$\w*|)((?:\.\w+)*\.?)$/.exec(word);
  if (path === null) throw new Error(`not understood: ${word}`);
  const [, variable = '', fields = ''] = path;
  if (variable !== '' && !Object.hasOwn(scope.variables, variable))
    throw new Error(`there is no ${variable}`);
  let value = variable === '' ? scope.dot : scope.variables[variable];
  for (const field of fields.split('.').filter((name) => name !== '')) {
    // Helm writes nothing for a name that nobody gives; here a typo is found.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field))
      throw new Error(`there is no ${field} in ${word}`);
    value = (value as Record<string, unknown>)[field];
  }
  return value;
}
