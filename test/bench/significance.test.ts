import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chanceOfAtLeast } from '../../bench/judge/peers/threshold/significance.ts';

describe('chance', () => {
  test('agrees with the Poisson distribution when the baseline is long', () => {
    // P(X ≥ 3) for a mean of 1 is 1 - e⁻¹(1 + 1 + ½).
    const exact = 1 - Math.exp(-1) * 2.5;
    expect(chanceOfAtLeast(3, 1_000, { bad: 100_000, total: 100_000_000 })).toBeCloseTo(exact, 4);
  });

  test('agrees with an exact sum where the normal distribution takes over', () => {
    const sum = chanceOfAtLeast(230, 10_000, { bad: 199, total: 10_000 });
    const normal = chanceOfAtLeast(230, 10_000, { bad: 201, total: 10_000 });
    expect(Math.abs(sum - normal)).toBeLessThan(0.03);
  });

  test('is a probability, and smaller for more failures', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(5_000), fc.nat(300), fc.nat(50_000), (bad, more, before, total) => {
        const known = { bad: before, total: before + total };
        const [a, b] = [chanceOfAtLeast(bad, bad + more, known), chanceOfAtLeast(bad + 1, bad + more, known)];
        expect(a).toBeGreaterThanOrEqual(0);
        expect(a).toBeLessThanOrEqual(1);
        expect(b).toBeLessThanOrEqual(a + 1e-9);
      }),
    );
  });
});
