import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judge as judgeOf } from '../../bench/judge/peers/threshold/judge.ts';
import type { Sample } from '../../src/domain/judge/sample.ts';
import type { JudgeVerdict } from '../../src/domain/judge/verdict.ts';
import { latencies, randomFrom, randomTick, type Tick, ticks, times } from '../domain/judge/samples.ts';

const LIMITS = { errorRateRise: 0.01, latencyRise: 0.1 };
const good: Tick = { total: 60, errors: 0 };
const BEFORE = ticks('baseline', times(60, good));
const judge = (after: readonly Tick[], before: readonly Sample[] = BEFORE) =>
  judgeOf(before, ticks('after', after), LIMITS);
const verdict = (after: readonly Tick[], before?: readonly Sample[]) => judge(after, before).verdict;
const BADNESS: readonly JudgeVerdict[] = ['healthy', 'watching', 'inconclusive', 'warning', 'critical'];

describe('errors', () => {
  test('one failed request of ten is no alarm', () => {
    expect(verdict([{ total: 10, errors: 1 }])).toBe('inconclusive');
    expect(verdict([...times(5, good), { total: 10, errors: 1 }])).toBe('healthy');
    expect(verdict([...times(5, good), { total: 10, errors: 2 }])).toBe('watching');
  });

  test('an outage is critical in its first tick, at every level of traffic', () => {
    for (const total of [10, 60, 6_000]) {
      expect(verdict([...times(4, good), { total, errors: total }])).toBe('critical');
      expect(verdict([{ total, errors: Math.floor(total * 0.95) }])).toBe('critical');
    }
    expect(verdict([good, { total: 3, errors: 3 }])).not.toBe('critical');
    expect(verdict([good, { total: 3, errors: 3 }, { total: 3, errors: 3 }])).toBe('critical');
  });

  test('five points over the baseline are critical after two ticks', () => {
    const before = ticks('baseline', times(60, { total: 600, errors: 1 }));
    expect(verdict(times(2, { total: 120, errors: 8 }), before)).toBe('critical');
    expect(
      verdict([...times(30, { total: 600, errors: 1 }), ...times(2, { total: 600, errors: 32 })], before),
    ).toBe('critical');
  });

  test('a rise over the limit is a warning, with the figures', () => {
    const before = ticks('baseline', times(60, { total: 600, errors: 1 }));
    const { verdict, findings } = judge(times(4, { total: 600, errors: 9 }), before);
    expect(verdict).toBe('warning');
    expect(findings[0]).toEqual({
      metric: 'error rate',
      verdict: 'warning',
      baseline: 60 / 36_000,
      now: 0.015,
      unit: 'ratio',
      reason:
        '27 of 1800 requests failed in the last 3 ticks (1.5 %), 1.3 percentage points above the 0.2 % before the deploy; the limit is 1 percentage point.',
    });
  });

  test('a slow burn is seen over the whole window', () => {
    const before = ticks('baseline', times(60, { total: 60, errors: 0 }));
    const burn = Array.from({ length: 40 }, (_, index) => ({ total: 60, errors: index % 2 }));
    expect(verdict(burn, before)).toBe('watching');
    const worse = Array.from({ length: 40 }, () => ({ total: 60, errors: 1 }));
    expect(verdict(worse, before)).toBe('warning');
  });

  test('a rise below the limit is healthy', () => {
    const before = ticks('baseline', times(60, { total: 6_000, errors: 12 }));
    expect(verdict(times(10, { total: 6_000, errors: 60 }), before)).toBe('healthy');
  });

  test('a service that always fails a little is judged by its own measure', () => {
    const before = ticks('baseline', times(60, { total: 600, errors: 60 }));
    expect(verdict(times(10, { total: 600, errors: 62 }), before)).toBe('healthy');
    expect(verdict(times(10, { total: 600, errors: 80 }), before)).toBe('warning');
  });

  test('a single bad tick is not a warning for ever, a bad window is', () => {
    const blip = [...times(10, { total: 600, errors: 0 }), { total: 600, errors: 20 }];
    expect(verdict(blip, ticks('baseline', times(60, { total: 600, errors: 0 })))).toBe('watching');
  });
});

describe('what was not seen', () => {
  test('is never good', () => {
    expect(verdict([])).toBe('inconclusive');
    expect(judgeOf([], [], LIMITS)).toMatchObject({
      verdict: 'inconclusive',
      findings: [{ metric: 'samples' }],
    });
    expect(verdict(times(3, null))).toBe('inconclusive');
    expect(verdict([...times(10, good), ...times(4, null)])).toBe('healthy');
    const { verdict: blind, findings } = judge([...times(10, good), ...times(5, null)]);
    expect(blind).toBe('inconclusive');
    expect(findings.at(-1)?.reason).toBe('Nothing was seen of production for 5 ticks in a row.');
  });

  test('five unseen ticks do not lower an alarm', () => {
    expect(verdict([...times(4, { total: 600, errors: 12 }), ...times(5, null)])).toBe('warning');
  });

  test('is healthy again only when half of the ticks were seen', () => {
    expect(verdict([...times(4, good), ...times(9, null), ...times(2, good)])).toBe('inconclusive');
    expect(verdict([...times(4, good), ...times(9, null), ...times(9, good)])).toBe('healthy');
  });

  test('too few requests, before or after, prove nothing', () => {
    expect(judge(times(3, { total: 10, errors: 0 })).findings[0]?.reason).toBe(
      'Too early to tell: 30 requests in 3 ticks seen since the deploy; it takes 50 requests and 3 ticks.',
    );
    expect(verdict(times(2, { total: 1_000, errors: 0 }))).toBe('inconclusive');
    expect(verdict(times(9, good), [])).toBe('inconclusive');
    expect(verdict(times(9, good), ticks('baseline', [{ total: 5, errors: 0 }]))).toBe('inconclusive');
    expect(verdict(times(9, good))).toBe('healthy');
  });

  test('an outage is an outage without a baseline too', () => {
    expect(verdict(times(1, { total: 60, errors: 60 }), [])).toBe('critical');
  });

  test('traffic that stops is not a quiet night', () => {
    expect(judge([...times(5, good), ...times(2, { total: 0, errors: 0 })])).toMatchObject({
      verdict: 'warning',
      findings: expect.arrayContaining([expect.objectContaining({ metric: 'traffic', verdict: 'warning' })]),
    });
  });
});

describe('latency', () => {
  const random = randomFrom(7);
  const tick = (total: number, medianMs: number): Tick => ({
    total,
    errors: 0,
    latency: latencies(total, medianMs, random),
  });
  const before = ticks(
    'baseline',
    Array.from({ length: 60 }, () => tick(600, 100)),
  );

  test('that doubles is a warning within three ticks', () => {
    const { verdict, findings } = judge([tick(600, 200), tick(600, 200), tick(600, 200)], before);
    expect(verdict).toBe('warning');
    expect(findings.filter((one) => one.verdict === 'warning').map((one) => one.metric)).toEqual([
      'latency p50',
      'latency p95',
      'latency p99',
    ]);
    expect(findings[1]?.reason).toMatch(
      /^[\d.]+ ms in the last 3 ticks, [\d.]+ ms before the deploy \(\+\d+ %; the limit is \+10 %\)\.$/,
    );
  });

  test('that rises by a quarter is a warning, by a twentieth is not', () => {
    expect(
      verdict(
        Array.from({ length: 10 }, () => tick(600, 125)),
        before,
      ),
    ).toBe('warning');
    expect(
      verdict(
        Array.from({ length: 10 }, () => tick(600, 105)),
        before,
      ),
    ).toBe('healthy');
  });

  test('is worth a note, no more, when little is known of before', () => {
    const short = ticks('baseline', [tick(45, 100), tick(45, 100)]);
    expect(
      verdict(
        Array.from({ length: 10 }, () => tick(60, 200)),
        short,
      ),
    ).toBe('watching');
  });

  test('of one slow tick is no warning', () => {
    const after = [...Array.from({ length: 8 }, () => tick(600, 100)), tick(600, 400)];
    expect(verdict(after, before)).not.toBe('warning');
  });

  test('that is a few ms is left alone', () => {
    const fast = ticks(
      'baseline',
      Array.from({ length: 60 }, () => tick(600, 2)),
    );
    expect(
      verdict(
        Array.from({ length: 10 }, () => tick(600, 3)),
        fast,
      ),
    ).toBe('healthy');
  });

  test('is compared at the same edge when buckets are coarse', () => {
    const coarse = (counts: number[]): Tick => ({
      total: 100,
      errors: 0,
      latency: { edges_ms: [100, 250, 500], counts },
    });
    const usual = ticks('baseline', times(60, coarse([60, 37, 2, 1])));
    expect(verdict(times(6, coarse([60, 36, 3, 1])), usual)).not.toBe('warning');
    expect(verdict(times(6, coarse([40, 30, 25, 5])), usual)).toBe('warning');
  });

  test('that was measured before and is not any more is not good', () => {
    expect(verdict(times(10, good), before)).toBe('inconclusive');
  });

  test('that nobody measures is not spoken of', () => {
    expect(judge(times(10, good)).findings.map((one) => one.metric)).toEqual(['error rate']);
  });
});

describe('alerts', () => {
  const quiet: Tick = { ...good, alerts: [] };

  test('are critical when they are new, and a warning when they are old', () => {
    expect(verdict([...times(5, quiet), { ...good, alerts: ['ShopDown'] }])).toBe('critical');
    const burning = ticks('baseline', [...times(59, good), { ...good, alerts: ['DiskFull'] }]);
    expect(judge([...times(5, { ...good, alerts: ['DiskFull'] })], burning)).toMatchObject({
      verdict: 'warning',
    });
    expect(judge([{ ...good, alerts: ['DiskFull', 'ShopDown'] }], burning).findings.at(-1)?.reason).toBe(
      'Critical alert ShopDown fires since the deploy.',
    );
  });

  test('that are over are over', () => {
    expect(verdict([...times(4, quiet), { ...good, alerts: ['ShopDown'] }, quiet])).toBe('healthy');
  });
});

describe('always', () => {
  const anyTick: fc.Arbitrary<Tick> = fc.oneof(
    fc.constant(null),
    fc
      .record({ total: fc.nat(2_000), share: fc.double({ min: 0, max: 1, noNaN: true }), seed: fc.nat() })
      .map(({ total, share, seed }) => ({
        total,
        errors: Math.floor(total * share ** 4),
        ...(seed % 3 === 0 ? { latency: latencies(total % 50, 20 + (seed % 100), randomFrom(seed)) } : {}),
        ...(seed % 7 === 0 ? { alerts: [] } : {}),
      })),
  );
  const anyTicks = fc.array(anyTick, { maxLength: 30 });

  test('the verdict is the worst finding, and every finding has a sentence', () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, (before, after) => {
        const { verdict, findings } = judge(after, ticks('baseline', before));
        expect(findings.length).toBeGreaterThan(0);
        expect(BADNESS.indexOf(verdict)).toBe(
          Math.max(...findings.map((one) => BADNESS.indexOf(one.verdict))),
        );
        for (const { reason } of findings) {
          expect(reason).toMatch(/^[\dA-Z].+\.$/);
          expect(reason).not.toMatch(/NaN|undefined|Infinity/);
        }
      }),
    );
  });

  test('order and repetition of the samples do not matter', () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, fc.infiniteStream(fc.nat()), (before, after, numbers) => {
        const [one, two] = [ticks('baseline', before), ticks('after', after)];
        const shuffled = [...two, ...two.slice(0, 3)]
          .map((sample) => ({ sample, key: numbers.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ sample }) => sample);
        expect(judgeOf(one, shuffled, LIMITS)).toEqual(judgeOf(one, two, LIMITS));
      }),
    );
  });

  test('more failures in the last tick are never better news', () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, fc.nat(500), fc.nat(500), (before, after, total, errors) => {
        const last = { total: total + errors, errors };
        const worse = { ...last, errors: Math.min(last.total, errors + 1 + (total % 50)) };
        const base = ticks('baseline', before);
        const [a, b] = [last, worse].map((tick) => judge([...after, tick], base).verdict);
        expect(BADNESS.indexOf(b ?? 'healthy')).toBeGreaterThanOrEqual(BADNESS.indexOf(a ?? 'healthy'));
      }),
    );
  });

  test('blindness is never healthy, and never ends an alarm', () => {
    fc.assert(
      fc.property(anyTicks, anyTicks, (before, after) => {
        const base = ticks('baseline', before);
        expect(verdict([...after, ...times(5, null)], base)).not.toBe('healthy');
      }),
    );
  });

  test('when every request fails it is critical after two ticks', () => {
    fc.assert(
      fc.property(anyTicks, fc.integer({ min: 5, max: 5_000 }), (after, total) => {
        expect(verdict([...after, ...times(2, { total, errors: total })])).toBe('critical');
      }),
    );
  });
});

describe('in simulated windows of 30 minutes', () => {
  /** How many of so many windows reach a verdict at some tick. */
  function windows(count: number, perTick: number, before: number, after: number, medianMs = 100) {
    const random = randomFrom(perTick * 31 + count);
    const reached = { warning: 0, critical: 0, healthy: 0 };
    for (let window = 0; window < count; window++) {
      const base = ticks(
        'baseline',
        Array.from({ length: 120 }, () => randomTick(perTick, before, 100, random)),
      );
      const all = ticks(
        'after',
        Array.from({ length: 60 }, () => randomTick(perTick, after, medianMs, random)),
      );
      const seen = new Set<JudgeVerdict>();
      for (let tick = 1; tick <= 60; tick += 1) seen.add(judgeOf(base, all.slice(0, tick), LIMITS).verdict);
      if (seen.has('warning')) reached.warning += 1;
      if (seen.has('critical')) reached.critical += 1;
      if (judgeOf(base, all, LIMITS).verdict === 'healthy') reached.healthy += 1;
    }
    return reached;
  }

  test('a healthy service raises no alarm', { timeout: 60_000 }, () => {
    const seen = windows(25, 60, 0.002, 0.002);
    expect(seen.critical).toBe(0);
    expect(seen.warning).toBeLessThanOrEqual(1);
    expect(seen.healthy).toBeGreaterThanOrEqual(22);
  });

  test('ten times the errors are seen', { timeout: 60_000 }, () => {
    const seen = windows(10, 600, 0.002, 0.02);
    expect(seen.warning).toBe(10);
    expect(seen.healthy).toBe(0);
  });
});
