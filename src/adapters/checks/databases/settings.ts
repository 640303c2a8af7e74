import { z } from 'zod';
import { durationInWords } from '../../../domain/text/duration.ts';
import { difference, Expectation, quoted } from '../../shared/expectation.ts';
import type { Attempt } from '../port.ts';

const ExpectedValue = Expectation.extend({
  'at-least': z.number().optional(),
  'at-most': z.number().optional(),
}).meta({ description: 'What the first column of the first row must be; without it any row will do.' });
type ExpectedValue = z.infer<typeof ExpectedValue>;

/** What checks of databases have in common. */
export const databaseSettings = {
  role: z.enum(['primary', 'replica', 'any']).default('primary').meta({
    description:
      'What the server must be: one that takes writes, one that only reads, or either. Nothing is written to see it.',
  }),
  query: z.string().min(1).optional().meta({
    description: 'One statement that only reads, run in a read-only transaction that is rolled back.',
  }),
  expect: ExpectedValue.optional(),
};

interface DatabaseSettings {
  readonly role: 'primary' | 'replica' | 'any';
  readonly query?: string | undefined;
  readonly expect?: ExpectedValue | undefined;
}

/** Nobody needs more to see whether a database is well. */
export const MOST_BYTES = 1024 * 1024;

/** Runs one statement; rows as lists of their columns. */
export type Ask = (statement: string) => Promise<readonly (readonly unknown[])[]>;

/** What a server that let us in says of itself, and to the query if there is one. */
export async function lookAtServer(
  software: string,
  settings: DatabaseSettings,
  { ask, started, isReadOnly }: { readonly ask: Ask; readonly started: number; readonly isReadOnly: boolean },
): Promise<Attempt> {
  const wrong = wrongRole(software, settings, isReadOnly);
  if (wrong !== null) return { ok: false, detail: wrong };
  const rows = settings.query === undefined ? null : await ask(settings.query);
  const unexpected = rows === null ? null : wrongRows(settings, rows);
  if (unexpected !== null) return { ok: false, detail: unexpected };
  return { ok: true, detail: `answers in ${durationInWords(performance.now() - started)}` };
}

/** Why the server is not what it has to be; null when it is. */
function wrongRole(software: string, { role }: DatabaseSettings, isReadOnly: boolean): string | null {
  if (role === 'primary' && isReadOnly) {
    return `${software} is read-only: a replica, or a primary that takes no writes. Expected one that takes writes (role: primary)`;
  }
  if (role === 'replica' && !isReadOnly) return `${software} takes writes, expected a replica`;
  return null;
}

/** Why the rows of the query are not as expected; null when they are. */
export function wrongRows(
  { expect }: DatabaseSettings,
  rows: readonly (readonly unknown[])[],
): string | null {
  const first = rows[0];
  if (first === undefined) return 'the query gives no row, expected one';
  if (expect === undefined) return null;
  const { 'at-least': least, 'at-most': most, ...expected } = expect;
  const value = plain(first[0]);
  const wrong = difference('the query', value, expected);
  if (wrong !== null || (least === undefined && most === undefined)) return wrong;
  const number = value === null || value === '' ? Number.NaN : Number(value);
  if (!Number.isFinite(number)) return `the query is ${quoted(value)}, expected a number`;
  if (least !== undefined && number < least) return `the query is ${number}, expected at least ${least}`;
  if (most !== undefined && number > most) return `the query is ${number}, expected at most ${most}`;
  return null;
}

/** A value of a database as JSON has it. */
function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return value;
}
