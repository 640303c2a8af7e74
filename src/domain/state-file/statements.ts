import { type Field, quoteOf, type StateDocument } from './document.ts';
import { momentOf } from './moment.ts';
import type { Reading, Statement } from './reading.ts';
import { isBlank, keyWord } from './vocabulary.ts';

/** A statement with its value. Two of them agree when `agrees` is the same. */
export interface StatementOf<T> extends Statement {
  readonly value: T;
  readonly agrees: string;
}

/** What a field says, quoted, with the line where it stands. */
export function said<T>(document: StateDocument, field: Field, value: T, agrees: string): StatementOf<T> {
  return { value, agrees, quote: quoteOf(field), source: `${document.path}:${field.line}` };
}

/** The first statement when all agree, else the first of each side. */
export function agree<T>(statements: readonly StatementOf<T>[], looked: readonly string[]): Reading<T> {
  const first = statements[0];
  if (first === undefined) return { kind: 'missing', looked };
  const sides = statements.filter(
    (statement, index) => statements.findIndex((other) => other.agrees === statement.agrees) === index,
  );
  if (sides.length > 1) {
    return { kind: 'contradiction', statements: sides.map(({ quote, source }) => ({ quote, source })) };
  }
  return { kind: 'value', value: first.value, source: first.source, quote: first.quote };
}

/** The root and `workflow:`, where older files keep everything. */
export function bases(document: StateDocument): readonly Field[] {
  return [document.root, ...named(document.root, ['workflow', 'workflow_state'])];
}

/** Members of a map by their keys in one spelling (`deployed_at` is `deployedAt` too), in the order of the names. */
export function named(field: Field, names: readonly string[]): Field[] {
  return names.flatMap((name) =>
    field.entries.flatMap(([key, member]) => (keyWord(key) === name ? [member] : [])),
  );
}

/** The first of the keys that has a text. */
export function textOf(field: Field, keys: readonly string[]): Field | null {
  return named(field, keys).find((found) => found.text !== null && !isBlank(found.text)) ?? null;
}

/** The first of the keys that holds a time. */
export function timeOf(field: Field, keys: readonly string[]): Field | null {
  return named(field, keys).find((found) => found.text !== null && momentOf(found.text) !== null) ?? null;
}
