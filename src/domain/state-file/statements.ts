import { type Field, quoteOf, type StateDocument } from './document.ts';
import type { Reading, Statement } from './reading.ts';

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
  const workflow = document.root.get('workflow');
  return workflow === null ? [document.root] : [document.root, workflow];
}

/** What is written below `deployment.staging` or `deployment.production`. */
export function deploymentFields(document: StateDocument, name: 'staging' | 'production'): Field[] {
  return bases(document).flatMap((base) => base.get('deployment')?.get(name) ?? []);
}

/** The first of the keys that has a text. */
export function textOf(field: Field, keys: readonly string[]): Field | null {
  for (const key of keys) {
    const found = field.get(key);
    if (found?.text) return found;
  }
  return null;
}
