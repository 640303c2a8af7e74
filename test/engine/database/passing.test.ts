import { expect, test } from 'vitest';
import { isPassing, translated } from '../../../src/engine/database/connection.ts';

const coded = (code: string) => Object.assign(new Error('no'), { code });

/** PostgreSQL, appendix A (Error Codes), and the errno names of Node's documentation. */
const PASSES = [
  ...['08000', '08003', '08006', '08P01', '25006', '25P02', '25P03', '25P04', '40001', '40P01'],
  ...['53000', '53100', '53200', '53300', '55P03', '57014', '57P01', '57P02', '57P03', '57P05', '58030'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN'],
  ...['ENETUNREACH', 'ENETDOWN', 'ENETRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL'],
  ...['EMFILE', 'ENFILE', 'ENOBUFS'],
];
const STAYS = [
  '22001',
  '23505',
  '23503',
  '28P01',
  '3D000',
  '42501',
  '42P01',
  '42601',
  '57000',
  'XX000',
  'EACCES',
];

test.each(PASSES)('%s passes', (code) => {
  expect(isPassing(coded(code))).toBe(true);
  expect(translated(coded(code))).toMatchObject({ what: 'the database' });
});

test.each(STAYS)('%s does not', (code) => {
  expect(isPassing(coded(code))).toBe(false);
});

test.each([
  'timeout expired',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'timeout exceeded when trying to connect',
  'Query read timeout',
])('"%s" of the driver passes', (words) => {
  expect(isPassing(new Error(words))).toBe(true);
});

test('of several addresses all have to', () => {
  expect(isPassing(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]))).toBe(true);
  expect(isPassing(new AggregateError([coded('ECONNREFUSED'), coded('EACCES')]))).toBe(false);
});
