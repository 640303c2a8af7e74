import { stringify } from 'yaml';
import { smallYaml } from '../text/yaml-limits.ts';

export type Scalar = string | number | boolean | null;
export type KeyPath = readonly (string | number)[];

/** How a value that stands there was written. */
export type Style = 'PLAIN' | 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | 'BLOCK_LITERAL' | 'BLOCK_FOLDED' | 'JSON';

/** A scalar in the style that stood there before; times are quoted, as older YAML reads bare ones as dates. */
export function render(value: Scalar, style?: Style): string {
  if (typeof value !== 'string') return String(value);
  if (style === 'QUOTE_SINGLE' && !/[\n\r']/.test(value)) return `'${value}'`;
  const looksLikeTime = /^\d{4}-\d\d-\d\d/.test(value);
  if (style === 'QUOTE_DOUBLE' || style === 'JSON' || (looksLikeTime && style !== 'PLAIN'))
    return JSON.stringify(value);
  const plain = stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
  if (/^["']/.test(plain)) return plain;
  // In a flow collection these would end the value; a block text would need lines of its own; and older YAML takes
  // words such as `on` for something else than text.
  return /[,[\]{}\n]/.test(plain) || (!looksLikeTime && smallYaml(plain, plain.length, '1.1') !== value)
    ? JSON.stringify(value)
    : plain;
}

/** A key as it is written: in quotes where the others are, or where it would be something else than a text. */
export function renderKey(key: string, style?: Style): string {
  return style === 'JSON' ? JSON.stringify(key) : render(key);
}

/** The lines of nested maps with one member each. */
export function blockLines(path: KeyPath, value: Scalar, indent: number, step: number): string[] {
  return path.map((key, depth) => {
    const tail = depth === path.length - 1 ? ` ${render(value)}` : '';
    return `${' '.repeat(indent + depth * step)}${renderKey(String(key))}:${tail}`;
  });
}

/** The same as flow maps: `{ a: { b: 1 } }`. */
export function flowText(path: KeyPath, value: Scalar, style?: Style): string {
  return path.reduceRight<string>(
    (inner, key) => `{ ${renderKey(String(key), style)}: ${inner} }`,
    render(value, style),
  );
}

/**
 * New lines below the line in which `offset` lies, with its line end; at the end of a file without a last newline it
 * stays without.
 */
export function insertLines(text: string, offset: number, lines: readonly string[]): string {
  const atStart = offset > 0 && text[offset - 1] === '\n';
  const end = atStart ? offset - 1 : text.indexOf('\n', offset);
  const newline = newlineAt(text, end);
  const block = lines.join(newline);
  return end < 0 ? `${text}${newline}${block}` : splice(text, end + 1, end + 1, block + newline);
}

/** The line end at an offset; where there is none, the one that the text uses elsewhere. */
export function newlineAt(text: string, end: number): string {
  const known = end < 0 ? text.indexOf('\n') : end;
  return known > 0 && text[known - 1] === '\r' ? '\r\n' : '\n';
}

export function splice(text: string, from: number, to: number, replacement: string): string {
  return text.slice(0, from) + replacement + text.slice(to);
}
