import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DeliveredRelease } from '../../../src/domain/statistics/delivery.ts';
import { doraFigures, FEWEST_RELEASES } from '../../../src/domain/statistics/dora.ts';
import { doraInWords } from '../../../src/domain/statistics/words.ts';

const NOW = Date.UTC(2026, 10, 29);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let count = 0;
const delivery = (daysAgo: number, more: Partial<DeliveredRelease> = {}): DeliveredRelease => ({
  promotion: `shop-${++count}`,
  service: 'shop',
  version: `1.${count}.0`,
  at: NOW - daysAgo * DAY,
  ...more,
});
const over = (all: readonly DeliveredRelease[], days = 30) => doraFigures('shop', all, { days, toMs: NOW });

describe('the figures of a service', () => {
  test('count what reached production within the time, and nothing else', () => {
    const all = [31, 29, 20, 10, 5, 1, 0.5].map((days) => delivery(days));
    const figures = over([...all, delivery(-1)]);
    expect(figures.deployments).toBe(6);
    expect(figures.perWeek).toBeCloseTo((6 * 7) / 30);
    expect(figures.weeks).toEqual([1, 0, 1, 1, 3]);
    expect(figures).toMatchObject({ failed: 0, failureRate: 0, restore: null, reworkRate: 0 });
    // The last millisecond of a time, and its first one, are of it.
    expect(over([delivery(7), delivery(0.5 / DAY)], 7).weeks).toEqual([2]);
  });

  test('are missing with fewer than five releases, and the words say so', () => {
    const four = [1, 2, 3, 4].map((days) => delivery(days, { commits: [NOW - 9 * DAY] }));
    expect(over(four)).toMatchObject({
      deployments: 4,
      perWeek: null,
      failureRate: null,
      leadTime: null,
      restore: null,
      reworkRate: null,
    });
    expect(doraInWords(over(four))).toBe('4 releases in 30 days: too few for figures (5 are needed)');
    expect(over([...four, delivery(5)]).failureRate).toBe(0);
  });

  test('lead time is the median over all commits, not over releases', () => {
    const at = (hours: readonly number[], daysAgo: number) => {
      const made = NOW - daysAgo * DAY;
      return delivery(daysAgo, { commits: hours.map((hour) => made - hour * HOUR) });
    };
    const all = [at([1], 1), at([2], 2), at([3], 3), at([4], 4), at([100, 100, 100, 100, 100], 5)];
    expect(over(all).leadTime).toEqual({ medianMs: 100 * HOUR, commits: 9, releases: 5 });
    // A commit from a clock that is ahead counts as made at the deploy.
    const ahead = [1, 2, 3, 4, 5].map((days) => delivery(days, { commits: [NOW] }));
    expect(over(ahead).leadTime?.medianMs).toBe(0);
    expect(over([...ahead.slice(1), delivery(1)]).leadTime).toBeNull();
  });

  test('a release failed when it was rolled back or mended, once; restored by what came first', () => {
    const good = [20, 21, 22].map((days) => delivery(days));
    const back = delivery(10, { rolledBack: { restoredAt: NOW - 10 * DAY + HOUR } });
    const open = delivery(9, { rolledBack: { restoredAt: null } });
    const mended = delivery(8);
    const both = delivery(6, { rolledBack: { restoredAt: NOW - 6 * DAY + 2 * HOUR } });
    const fix = delivery(7.5, { mends: mended.promotion });
    const late = delivery(2, { mends: both.promotion });
    const figures = over([...good, back, open, mended, fix, both, late]);
    expect(figures.failed).toBe(4);
    expect(figures.failureRate).toBeCloseTo(4 / 9);
    expect(figures.reworkRate).toBeCloseTo(2 / 9);
    // 1 h, 12 h and 2 h: one is not over.
    expect(figures.restore).toEqual({ medianMs: 2 * HOUR, of: 3 });
    expect(doraInWords(figures)).toBe(
      '9 releases in 30 days (2.1 a week), lead time not known yet, 44.4 % failed (4), restored in 2 h (median of 3)',
    );
  });

  test('hold together, whatever happened', () => {
    const any = fc.record({
      daysAgo: fc.double({ min: -1, max: 100, noNaN: true }),
      back: fc.option(fc.option(fc.nat(1e9))),
      mends: fc.option(fc.nat(30)),
      commits: fc.option(fc.array(fc.nat(1e9), { maxLength: 5 })),
    });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 40 }), fc.constantFrom(7, 30, 90), (drawn, days) => {
        const all = drawn.map(({ daysAgo, back, mends, commits }, index) => ({
          promotion: `p${index}`,
          service: 'shop',
          version: '1.0.0',
          at: NOW - daysAgo * DAY,
          ...(back === null ? {} : { rolledBack: { restoredAt: back === null ? null : NOW - back } }),
          ...(mends === null ? {} : { mends: `p${mends}` }),
          ...(commits === null ? {} : { commits: commits.map((ago) => NOW - ago) }),
        }));
        const figures = over(all, days);
        expect(figures.weeks.reduce((sum, one) => sum + one, 0)).toBe(figures.deployments);
        expect(figures.failed).toBeLessThanOrEqual(figures.deployments);
        expect(figures.failureRate === null).toBe(figures.deployments < FEWEST_RELEASES);
        for (const one of [figures.leadTime?.medianMs, figures.restore?.medianMs]) {
          if (one !== undefined) expect(one).toBeGreaterThanOrEqual(0);
        }
        expect(over([...all].reverse(), days)).toEqual(figures);
      }),
    );
  });
});
