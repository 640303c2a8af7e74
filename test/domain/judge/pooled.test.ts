import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomFrom } from '../../../bench/judge/random.ts';
import { baselineOf } from '../../../src/domain/judge/evidence/baseline.ts';
import { pooledBaselineOf } from '../../../src/domain/judge/evidence/pooled.ts';
import type { Tick } from '../../../src/domain/judge/evidence/tick.ts';
import { historyIn } from '../../../src/domain/judge/in-ticks.ts';
import { judge } from '../../../src/domain/judge/judge.ts';
import { recordingOf, replay } from '../../../src/domain/judge/replay.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';

const TICK_MS = 30_000;
const DAY_MS = 86_400_000;
const DEPLOYED = Date.UTC(2026, 10, 20, 9);
const RULES = { tickMs: TICK_MS, settleMs: 180_000, errorRateRise: 0.01, latencyRise: 0.1 };

const anyTick: fc.Arbitrary<Tick> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 8,
    arbitrary: fc
      .tuple(fc.nat(300), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([requests, share]): Tick => [requests, Math.floor(requests * share ** 6)]),
  },
);
const anyTicks = fc.array(anyTick, { maxLength: 120 });
const anyDays = fc.array(anyTicks, { maxLength: 3 });
const hour = (requests: number, bad: number): Tick[] => Array.from({ length: 120 }, () => [requests, bad]);

describe('the baseline with earlier days', () => {
  test('without any it is that of the hour before', () => {
    fc.assert(
      fc.property(anyTicks, (ticks) => {
        expect(pooledBaselineOf(ticks, [], TICK_MS)).toEqual(baselineOf(ticks, TICK_MS));
      }),
    );
  });

  test('they only add requests: no guard is lower, and the traffic to come is that of the hour before', () => {
    fc.assert(
      fc.property(anyTicks, anyDays, (ticks, days) => {
        const own = baselineOf(ticks, TICK_MS);
        const pooled = pooledBaselineOf(ticks, days, TICK_MS);
        expect(pooled.requests).toBeGreaterThanOrEqual(own.requests);
        expect(pooled.bad).toBeGreaterThanOrEqual(own.bad);
        expect(pooled.dispersion).toBeGreaterThanOrEqual(own.dispersion);
        expect(pooled.dispersionOfBlocks).toBeGreaterThanOrEqual(own.dispersionOfBlocks);
        expect(pooled.drift).toBeGreaterThanOrEqual(own.drift);
        expect(pooled.leastTraffic).toBe(own.leastTraffic);
        expect(pooled.trust).toBeGreaterThanOrEqual(0);
        expect(pooled.trust).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('no baseline weighs more than its drift allows, however many days are in it', () => {
    fc.assert(
      fc.property(anyTicks, anyDays, (ticks, days) => {
        const { bad, trust, drift, dispersion } = pooledBaselineOf(ticks, days, TICK_MS);
        expect((trust * bad) / dispersion).toBeLessThanOrEqual(1 / drift + 1e-9);
      }),
    );
  });

  test('in whatever order they come', () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, anyTicks, (ticks, one, other) => {
        const [a, b] = [
          pooledBaselineOf(ticks, [one, other], TICK_MS),
          pooledBaselineOf(ticks, [other, one], TICK_MS),
        ];
        expect([a.bad, a.requests, a.days]).toEqual([b.bad, b.requests, b.days]);
        expect(a.drift).toBeCloseTo(b.drift, 9);
      }),
    );
  });

  test('a day like today counts, one with another rate does not, nor does one without requests', () => {
    const own = hour(600, 6);
    const days = (...all: readonly (readonly Tick[])[]) => pooledBaselineOf(own, all, TICK_MS).days;
    expect(days(hour(900, 9))).toBe(1);
    expect(days(hour(600, 5), hour(600, 7))).toBe(2);
    expect(days(hour(600, 12))).toBeUndefined();
    expect(days(hour(600, 3), hour(600, 6))).toBe(1);
    expect(days([], hour(0, 0), [null, null])).toBeUndefined();
    expect(pooledBaselineOf([], [hour(600, 6)], TICK_MS)).toEqual(baselineOf([], TICK_MS));
  });

  test('days that differ are drift, so that they weigh less', () => {
    const even = pooledBaselineOf(hour(6_000, 60), [hour(6_000, 60), hour(6_000, 60)], TICK_MS);
    const uneven = pooledBaselineOf(hour(6_000, 60), [hour(6_000, 48), hour(6_000, 72)], TICK_MS);
    expect([even.days, uneven.days]).toEqual([2, 2]);
    expect(uneven.drift).toBeGreaterThan(10 * even.drift);
    expect(uneven.trust).toBeLessThan(even.trust / 10);
  });
});

const sample = (phase: Sample['phase'], endMs: number, total: number, errors: number): Sample => ({
  at: new Date(endMs).toISOString(),
  phase,
  total,
  errors,
});
/** So many ticks that end then. */
const span = (
  phase: Sample['phase'],
  endMs: number,
  count: number,
  errorsOf: (index: number) => number,
  total = 60,
) =>
  Array.from({ length: count }, (_, index) =>
    sample(phase, endMs - (count - 1 - index) * TICK_MS, total, errorsOf(index)),
  );

describe('a recording with earlier days', () => {
  test('has each of them in ticks of its own', () => {
    const samples = [
      ...span('history', DEPLOYED - 7 * DAY_MS, 3, () => 2),
      ...span('history', DEPLOYED - DAY_MS, 4, () => 1),
      ...span('baseline', DEPLOYED, 5, () => 0),
    ];
    const gap = samples.filter((_, index) => index !== 1);
    expect(historyIn(gap, TICK_MS).map((day) => day.map((tick) => tick?.errors ?? null))).toEqual([
      [1, 1, 1, 1],
      [2, null, 2],
    ]);
    expect(recordingOf(samples, TICK_MS, DEPLOYED)).toMatchObject({ deployedAt: DEPLOYED, dropped: 0 });
  });

  test('is judged with them: a quiet service is told that it got worse sooner', () => {
    const history = [1, 7].flatMap((days) =>
      span('history', DEPLOYED - days * DAY_MS, 120, (i) => (i % 40 === 0 ? 1 : 0)),
    );
    const baseline = span('baseline', DEPLOYED, 120, (i) => (i % 40 === 0 ? 1 : 0));
    const after = span('after', DEPLOYED + 60 * TICK_MS, 60, (i) => (i % 3 === 0 ? 1 : 0));
    const first = (samples: readonly Sample[]) => {
      const ticks = [...replay(recordingOf(samples, TICK_MS, DEPLOYED + 2 * 3_600_000), RULES)];
      return ticks.findIndex(({ judgement }) => judgement.verdict === 'warning');
    };
    const alone = first([...baseline, ...after]);
    const pooled = first([...history, ...baseline, ...after]);
    expect(pooled).toBeGreaterThan(0);
    expect(alone === -1 || pooled <= alone).toBe(true);
    const start = judge.begin(baseline, RULES, historyIn(history, TICK_MS));
    expect(start.counts['error rate']).toMatchObject({ days: 2, requests: 3 * 7_200 });
  });
});

test('days that are messy raise no more false alarms than the hour alone', () => {
  const random = randomFrom(7);
  const WINDOWS = 300;
  let [alarms, aloneAlarms] = [0, 0];
  for (let window = 0; window < WINDOWS; window += 1) {
    // Each day has a rate of its own, a fifth more or less, and so has the time after the deploy.
    const rateOf = () => 0.01 * Math.exp(0.2 * random.normal());
    const ticksOf = (count: number, rate: number): Tick[] =>
      Array.from({ length: count }, (): Tick => {
        const requests = random.poisson(600);
        return [requests, random.binomial(requests, rate)];
      });
    const today = rateOf();
    const before = ticksOf(120, today);
    const days = [ticksOf(120, rateOf()), ticksOf(120, rateOf())];
    const after = ticksOf(60, today * Math.exp(0.1 * random.normal()));
    const told = (history: readonly (readonly Tick[])[]) => {
      const sampled = (ticks: readonly Tick[]) =>
        ticks.map((tick) => tick && { at: '', phase: 'baseline' as const, total: tick[0], errors: tick[1] });
      const start = judge.begin(sampled(before), RULES, history.map(sampled));
      let last: ReturnType<typeof judge.tick> | null = null;
      for (const tick of sampled(after)) {
        last = judge.tick(start, last?.state ?? null, tick);
        if (last.judgement.verdict === 'warning' || last.judgement.verdict === 'critical') return true;
      }
      return false;
    };
    if (told(days)) alarms += 1;
    if (told([])) aloneAlarms += 1;
  }
  expect(alarms, `alone ${aloneAlarms}`).toBeLessThanOrEqual(aloneAlarms + 0.01 * WINDOWS);
});
