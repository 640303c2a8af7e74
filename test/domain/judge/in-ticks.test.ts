import { describe, expect, test } from 'vitest';
import { inTicks, withWatchStart } from '../../../src/domain/judge/in-ticks.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';

const START = Date.UTC(2026, 10, 20, 9);
const sampleAt = (seconds: number, total = seconds): Sample => ({
  at: new Date(START + seconds * 1_000).toISOString(),
  phase: 'after',
  total,
  errors: 0,
});
/** The totals of the ticks; null where one is missing. */
const totals = (samples: readonly Sample[], span: Partial<Parameters<typeof inTicks>[1]> = {}) =>
  inTicks(samples, { fromMs: START, tickMs: 30_000, ...span }).map((tick) => tick?.total ?? null);

describe('samples in ticks', () => {
  test('are in the order of time, whatever order they come in', () => {
    expect(totals([sampleAt(90), sampleAt(30), sampleAt(60)])).toEqual([30, 60, 90]);
  });

  test('a gap is as many missing ticks as fit into it, at the beginning too', () => {
    expect(totals([sampleAt(60), sampleAt(180)])).toEqual([null, 60, null, null, null, 180]);
    expect(totals([sampleAt(300)], { tickMs: 60_000 })).toEqual([null, null, null, null, 300]);
  });

  test('without a beginning the first sample is the first tick', () => {
    expect(
      inTicks([sampleAt(60), sampleAt(120)], { tickMs: 30_000 }).map((tick) => tick?.total ?? null),
    ).toEqual([60, null, 120]);
  });

  test('of the same tick the last one given counts', () => {
    expect(totals([sampleAt(30, 1), sampleAt(60, 2), sampleAt(30, 3)])).toEqual([3, 2]);
    expect(totals([sampleAt(30, 1), sampleAt(31, 2), sampleAt(60, 3)])).toEqual([2, 3]);
  });

  test('clocks that are not exact make no holes', () => {
    expect(totals([sampleAt(29.7), sampleAt(60.4), sampleAt(90.1), sampleAt(119.6)])).toEqual([
      29.7, 60.4, 90.1, 119.6,
    ]);
    expect(totals([sampleAt(14.9), sampleAt(45.2), sampleAt(74.9), sampleAt(105.1)])).toEqual([
      14.9, 45.2, 74.9, 105.1,
    ]);
  });

  test('from before the beginning or after the end do not count', () => {
    const all = [sampleAt(-30), sampleAt(0), sampleAt(30), sampleAt(60), sampleAt(9_999_999)];
    expect(totals(all, { toMs: START + 60_000 })).toEqual([30, 60]);
  });

  test('whose time makes no sense are dropped', () => {
    expect(totals([{ at: 'tomorrow', phase: 'after', total: 1 }, sampleAt(30)])).toEqual([30]);
    expect(totals([sampleAt(30), sampleAt(3e9)])).toEqual([30]);
    expect(inTicks([sampleAt(-3e9), sampleAt(30), sampleAt(60)], { tickMs: 30_000 })).toHaveLength(2);
    expect(inTicks([], { tickMs: 30_000 })).toEqual([]);
  });
});

test('a baseline that was waited on for days is one still', () => {
  const baseline = Array.from({ length: 120 }, (_, nth) => ({
    ...sampleAt(30 * (nth + 1)),
    phase: 'baseline' as const,
  }));
  const ticks = inTicks(withWatchStart(baseline, START + 3 * 86_400_000), { tickMs: 30_000 });
  expect(ticks.filter((tick) => tick?.total !== undefined)).toHaveLength(120);
});
