import { describe, expect, test } from 'vitest';
import { codesOf, isOwnTrouble } from '../../../src/adapters/shared/network-trouble.ts';

const failure = (code: string) => Object.assign(new Error(code), { code });

describe('trouble of this machine', () => {
  test.each(['EAI_AGAIN', 'ENETUNREACH', 'ENETDOWN', 'EMFILE'])('is %s', (code) => {
    expect(isOwnTrouble(codesOf(new TypeError('fetch failed', { cause: failure(code) })))).toBe(true);
  });

  test.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'EHOSTUNREACH',
    'CERT_HAS_EXPIRED',
    'UND_ERR_SOCKET',
  ])('is not %s', (code) => expect(isOwnTrouble(codesOf(failure(code)))).toBe(false));

  test('is not what is left when one of several addresses was tried in earnest', () => {
    const both = Object.assign(new AggregateError([failure('ENETUNREACH'), failure('ECONNREFUSED')]), {
      code: 'ENETUNREACH',
    });
    expect(isOwnTrouble(codesOf(both))).toBe(false);
    expect(isOwnTrouble(codesOf(new AggregateError([failure('ENETUNREACH')])))).toBe(true);
    expect(isOwnTrouble(codesOf(new Error('who knows')))).toBe(false);
    expect(isOwnTrouble([])).toBe(false);
  });
});
