import { describe, expect, inject, test } from 'vitest';
import { runs, sampled } from './whole.ts';

const { whole } = inject('sampling');
const rows = Array.from({ length: 60 }, (_, index) => ({ operation: index % 5, fault: index % 12, index }));
const kindsOf = ({ operation, fault }: (typeof rows)[number]) => [`does ${operation}`, `fails ${fault}`];

describe('a sample of a long table', () => {
  test('has every kind of row, in the order of the table, and the same for the same seed', () => {
    const some = sampled(rows, kindsOf);
    expect(new Set(some.flatMap(kindsOf))).toEqual(new Set(rows.flatMap(kindsOf)));
    expect(some.map(({ index }) => index)).toEqual(some.map(({ index }) => index).toSorted((a, b) => a - b));
    expect(sampled(rows, kindsOf)).toEqual(some);
    expect(some.length).toBeLessThanOrEqual(whole ? rows.length : 5 + 12);
    expect(some.length).toBeGreaterThanOrEqual(whole ? rows.length : 12);
  });

  test('is empty only when the table is', () => {
    expect(sampled([], () => ['a'])).toEqual([]);
    expect(sampled([1, 2, 3], () => ['a'])).toHaveLength(whole ? 3 : 1);
  });

  test('a property is tried more often when everything runs whole', () => {
    expect(runs({ sample: 1, whole: 2 })).toBe(whole ? 2 : 1);
  });
});
