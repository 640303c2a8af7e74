import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  edgeAtOrAbove,
  mergeHistograms,
  quantile,
  requestsAbove,
  requestsIn,
} from '../../../src/domain/judge/histogram.ts';

const anyHistogram = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 12 })
  .chain((edges) => {
    const sorted = edges.sort((a, b) => a - b);
    return fc
      .array(fc.nat(100), { minLength: sorted.length + 1, maxLength: sorted.length + 1 })
      .map((counts) => ({ edges_ms: sorted, counts }));
  });

describe('histograms', () => {
  const histogram = { edges_ms: [10, 20, 40], counts: [2, 2, 4, 2] };

  test('know quantiles, interpolated', () => {
    expect(quantile(histogram, 0.2)).toBe(10);
    expect(quantile(histogram, 0.3)).toBe(15);
    expect(quantile(histogram, 0.6)).toBe(30);
    expect(quantile(histogram, 0.99)).toBe(40);
    expect(quantile({ edges_ms: [10], counts: [0, 0] }, 0.5)).toBeNull();
  });

  test('know what is beyond an edge', () => {
    expect([10, 20, 40].map((edge) => requestsAbove(histogram, edge))).toEqual([8, 6, 2]);
    expect(edgeAtOrAbove(histogram, 11)).toBe(20);
    expect(edgeAtOrAbove(histogram, 41)).toBeNull();
  });

  test('add up, keeping only the edges that all have', () => {
    const other = { edges_ms: [5, 20, 30], counts: [1, 1, 1, 1] };
    expect(mergeHistograms([histogram, other])).toEqual({ edges_ms: [20], counts: [6, 8] });
    expect(mergeHistograms([histogram, histogram])).toEqual({ edges_ms: [10, 20, 40], counts: [4, 4, 8, 4] });
    expect(mergeHistograms([])).toBeNull();
  });

  test('lose no request when they add up, and agree at every edge that stays', () => {
    fc.assert(
      fc.property(fc.array(anyHistogram, { minLength: 1, maxLength: 4 }), (histograms) => {
        const merged = mergeHistograms(histograms);
        if (merged === null) throw new Error('nothing merged');
        const sum = (of: (one: (typeof histograms)[number]) => number) =>
          histograms.reduce((all, one) => all + of(one), 0);
        expect(requestsIn(merged)).toBe(sum(requestsIn));
        for (const edge of merged.edges_ms) {
          expect(requestsAbove(merged, edge)).toBe(sum((one) => requestsAbove(one, edge)));
        }
      }),
    );
  });

  test('have quantiles that grow with the share and lie within the edges', () => {
    fc.assert(
      fc.property(anyHistogram, (one) => {
        const values = [0, 0.1, 0.5, 0.9, 0.95, 0.99, 1].map((q) => quantile(one, q));
        if (requestsIn(one) === 0) return;
        expect(values).toEqual([...values].sort((a, b) => (a ?? 0) - (b ?? 0)));
        expect(
          values.every((value) => value !== null && value >= 0 && value <= (one.edges_ms.at(-1) ?? 0)),
        ).toBe(true);
      }),
    );
  });
});
