import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  COUNT_START,
  type CountState,
  type CountTick,
  countTick,
} from '../../../src/domain/judge/counts/count-metric.ts';
import { baselineOf } from '../../../src/domain/judge/evidence/baseline.ts';
import { besideOf, ownOf, type Tick, tickOf } from '../../../src/domain/judge/evidence/tick.ts';
import { type JudgeState, judge } from '../../../src/domain/judge/judge.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import { randomFrom, ticks } from './samples.ts';

const RULES = { tickMs: 30_000, settle: 6, limit: 0.01, metrics: 1 };
const RISES = ['warning', 'critical', 'hard'] as const;
/** Of each of three kinds. */
const WINDOWS = 100;

function judgeAll(before: readonly Tick[], after: readonly Tick[]): readonly CountTick[] {
  const baseline = baselineOf(before, RULES.tickMs);
  let state: CountState = COUNT_START;
  return after.map((tick) => {
    const judged = countTick(baseline, state, tick, RULES);
    state = judged.state;
    return judged;
  });
}

function last(before: readonly Tick[], after: readonly Tick[]): CountTick {
  const judged = judgeAll(before, after).at(-1);
  if (judged === undefined) throw new Error('no tick');
  return judged;
}

/** The counts of the new release and of the one before it as one tick. */
function both(own: number, bad: number, others: number, otherBad: number): Tick {
  return [own + others, bad + otherBad, others, otherBad];
}

/** How many of so many requests fail: from failure to failure, as far as a geometric distribution goes. */
function binomial(requests: number, rate: number, random: () => number): number {
  const ln = Math.log1p(-rate);
  let bad = -1;
  for (let request = 0; request <= requests; bad++) request += Math.ceil(Math.log(1 - random()) / ln) || 1;
  return Math.max(0, bad);
}

function hourOf(rate: number, random: () => number, requests = 600): Tick[] {
  return Array.from({ length: 120 }, (): Tick => [requests, binomial(requests, rate, random)]);
}

const anySide = fc
  .tuple(fc.nat(500), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([requests, share]) => [requests, Math.floor(requests * share ** 6)] as const);
const anyTick: fc.Arbitrary<Tick> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: anySide },
  { weight: 9, arbitrary: fc.tuple(anySide, anySide).map(([own, other]) => both(...own, ...other)) },
);
const anyBefore = fc.array(anySide, { maxLength: 120 });
const anyAfter = fc.array(anyTick, { minLength: 1, maxLength: 40 });
const slack = (value: number) => 1e-9 * Math.max(1, Math.abs(value));

describe('a tick of two releases', () => {
  test('is told apart only where the counts can be true', () => {
    expect(tickOf(600, 5, { requests: 300, bad: 1 })).toEqual([600, 5, 300, 1]);
    expect(tickOf(600, 5, { requests: 0, bad: 0 })).toEqual([600, 5, 0, 0]);
    for (const [requests, bad] of [
      [601, 1],
      [300, 6],
      [300, -1],
      [Number.NaN, 0],
      [597, 0],
      ['300', 1],
    ]) {
      expect(tickOf(600, 5, { requests, bad })).toEqual([600, 5]);
    }
    expect(tickOf(undefined, 5, { requests: 300, bad: 1 })).toBeNull();
    expect(ownOf([600, 5, 300, 1])).toEqual([300, 4]);
    expect(ownOf([600, 5])).toEqual([600, 5]);
  });

  test('compares them only where both had requests enough', () => {
    expect(besideOf([600, 5, 300, 1])).toEqual([300, 1]);
    expect(besideOf([600, 5, 599, 1]), 'one request of a canary is something').toEqual([599, 1]);
    expect(besideOf([600, 5, 600, 5]), 'no canary').toBeNull();
    expect(besideOf([600, 5, 29, 1]), 'the end of a rollout').toBeNull();
    expect(besideOf([600, 5, 0, 0])).toBeNull();
    expect(besideOf([600, 5])).toBeNull();
  });
});

describe('side by side', () => {
  test('another error of the new release never makes it calmer', () => {
    fc.assert(
      fc.property(
        anyBefore,
        anyAfter,
        fc.nat(),
        fc.integer({ min: 1, max: 50 }),
        (before, after, where, more) => {
          const index = where % after.length;
          const worse = after.map((tick, at): Tick => {
            if (at !== index || tick === null) return tick;
            const [own = 0, bad = 0] = ownOf(tick) ?? [];
            const added = Math.min(more, own - bad);
            return tick.length === 2
              ? [tick[0], tick[1] + added]
              : [tick[0], tick[1] + added, tick[2], tick[3]];
          });
          const [few, many] = [last(before, after).evidence, last(before, worse).evidence];
          for (const name of [...RISES, 'outage'] as const) {
            expect(few[name]).toBeLessThanOrEqual(many[name] + slack(many[name]));
          }
          expect(few.ok).toBeGreaterThanOrEqual(many.ok - slack(many.ok));
        },
      ),
    );
  });

  test('when the release before fails once more, the evidence against the new one does not grow by it', () => {
    fc.assert(
      fc.property(
        anyBefore,
        anyAfter,
        fc.nat(),
        fc.integer({ min: 1, max: 50 }),
        (before, after, where, more) => {
          // Later ticks may tell more: a rate that is known allows less beside it.
          const index = where % after.length;
          const upTo = after.slice(0, index + 1);
          const worse = upTo.map((tick, at): Tick => {
            if (at !== index || tick === null || tick.length === 2) return tick;
            const added = Math.min(more, tick[2] - tick[3]);
            return [tick[0], tick[1] + added, tick[2], tick[3] + added];
          });
          const [few, many] = [last(before, upTo).evidence, last(before, worse).evidence];
          for (const name of RISES) {
            expect(many[name]).toBeLessThanOrEqual(few[name] + slack(few[name]));
          }
        },
      ),
    );
  });

  test('without the one before, every tick is judged as if nobody told them apart', () => {
    fc.assert(
      fc.property(anyBefore, fc.array(anySide, { minLength: 1, maxLength: 40 }), (before, after) => {
        const alone = after.map(([requests, bad]): Tick => [requests, bad, 0, 0]);
        const [told, untold] = [judgeAll(before, alone), judgeAll(before, after)];
        expect(told.map(({ evidence }) => evidence)).toEqual(untold.map(({ evidence }) => evidence));
        expect(told.map(({ severity }) => severity)).toEqual(untold.map(({ severity }) => severity));
      }),
    );
  });

  test('a canary that shrinks, or goes, is no alarm', () => {
    const random = randomFrom(5);
    const before = hourOf(0.002, random);
    const after = Array.from({ length: 60 }, (_, at): Tick => {
      const own = Math.max(0, 300 - 10 * at);
      return both(own, binomial(own, 0.002, random), 600 - own, binomial(600 - own, 0.002, random));
    });
    for (const { state, severity } of judgeAll(before, after)) {
      expect([state.standing.alarm, severity]).toEqual([null, 'none']);
    }
  });

  test('an outage of both, and traffic that is gone from both, are critical as ever', () => {
    const before = hourOf(0.002, randomFrom(6));
    const well = Array.from({ length: 10 }, () => both(100, 0, 500, 1));
    expect(last(before, [...well, both(100, 99, 500, 495)]).state).toMatchObject({
      standing: { alarm: 'critical' },
      cause: 'outage',
    });
    expect(last(before, [...well, both(0, 0, 0, 0), both(0, 0, 0, 0)]).state).toMatchObject({
      standing: { alarm: 'critical' },
      cause: 'traffic',
    });
  });

  test('a canary that fails altogether is critical though most requests go well', () => {
    const before = hourOf(0.002, randomFrom(7));
    const judged = judgeAll(
      before,
      Array.from({ length: 12 }, () => both(12, 12, 588, 1)),
    );
    expect(judged[0]).toMatchObject({ severity: 'critical', state: { cause: 'outage' } });
    const badDays = Array.from({ length: 12 }, (_, nth) => both(12, nth < 6 ? 6 : 12, 588, 300));
    expect(judgeAll(before, badDays).at(-1)?.state.cause).not.toBeNull();
  });

  test('a canary of which a few requests fail is no outage', () => {
    const before = hourOf(0.002, randomFrom(8), 60);
    const judged = judgeAll(
      before,
      Array.from({ length: 40 }, (_, nth) => both(3, nth % 8 === 0 ? 1 : 0, 57, 0)),
    );
    expect(judged.map(({ severity }) => severity)).not.toContain('critical');
  });
});

/** The tick of the first alarm; null for none. */
function alarmOf(before: readonly Tick[], after: readonly Tick[]): number | null {
  const baseline = baselineOf(before, RULES.tickMs);
  let state: CountState = COUNT_START;
  for (const [index, tick] of after.entries()) {
    ({ state } = countTick(baseline, state, tick, RULES));
    if (state.standing.alarm !== null) return index;
  }
  return null;
}

describe('in hundreds of windows', () => {
  test.each([
    { share: 0.5, base: 0.002 },
    { share: 0.1, base: 0.002 },
    { share: 0.3, base: 0.01 },
  ])('ten times the errors on both sides never alarm ($share of the traffic, $base)', ({ share, base }) => {
    let [alarms, alarmsBefore] = [0, 0];
    for (let seed = 1; seed <= WINDOWS; seed++) {
      const random = randomFrom(seed);
      const before = hourOf(base, random, 200);
      const after = Array.from({ length: 60 }, (_, at): Tick => {
        const rate = at < 12 ? base : base * 10;
        const own = Math.round(200 * share);
        return both(own, binomial(own, rate, random), 200 - own, binomial(200 - own, rate, random));
      });
      if (alarmOf(before, after) !== null) alarms += 1;
      if (seed > 10) continue;
      const merged = after.map((tick): Tick => tick && [tick[0], tick[1]]);
      if (alarmOf(before, merged) !== null) alarmsBefore += 1;
    }
    expect(alarms).toBe(0);
    expect(alarmsBefore, 'before and after alone is fooled').toBe(10);
  });

  test.each([
    { requests: 600, most: 6 },
    { requests: 300, most: 7.5 },
  ])(
    'a rise by one point at a base of 0.2 % is warned of in $most minutes, $requests requests each',
    ({ requests, most }) => {
      const found: number[] = [];
      for (let seed = 1; seed <= WINDOWS; seed++) {
        const random = randomFrom(seed);
        const before = hourOf(0.002, random);
        const after = Array.from({ length: 50 }, () =>
          both(requests, binomial(requests, 0.012, random), requests, binomial(requests, 0.002, random)),
        );
        const first = alarmOf(before, after);
        found.push(first === null ? Number.POSITIVE_INFINITY : (first + 1) / 2);
      }
      found.sort((a, b) => a - b);
      expect(found[WINDOWS / 2]).toBeLessThanOrEqual(most);
      expect(found.filter(Number.isFinite).length).toBeGreaterThanOrEqual(0.98 * WINDOWS);
    },
  );

  test('that rise is seen while the whole drifts, and is never called healthy', () => {
    let [warned, healthy] = [0, 0];
    for (let seed = 1; seed <= 100; seed++) {
      const random = randomFrom(seed);
      const judged = judgeAll(
        hourOf(0.002, random),
        Array.from({ length: 60 }, () =>
          both(300, binomial(300, 0.03, random), 300, binomial(300, 0.01, random)),
        ),
      );
      if (judged.some(({ state }) => state.standing.alarm !== null)) warned += 1;
      if (judged.some(({ proven }) => proven)) healthy += 1;
    }
    expect(warned).toBeGreaterThanOrEqual(95);
    expect(healthy).toBeLessThanOrEqual(2);
  });

  test.each([
    { now: 0.5, least: 100 },
    { now: 0.1, least: 95 },
  ])('after an hour without a failure, $now beside 0.02 is an alarm', ({ now, least }) => {
    let [alarms, late] = [0, 0];
    for (let seed = 1; seed <= WINDOWS; seed++) {
      const random = randomFrom(seed);
      const before = Array.from({ length: 120 }, (): Tick => [200, 0]);
      const after = Array.from({ length: 60 }, () =>
        both(50, binomial(50, now, random), 150, binomial(150, 0.02, random)),
      );
      const first = alarmOf(before, after);
      if (first !== null) alarms += 1;
      if (first !== null && first > 40) late += 1;
    }
    expect(alarms).toBeGreaterThanOrEqual((least * WINDOWS) / 100);
    expect(late).toBeLessThanOrEqual(WINDOWS / 10);
  });

  test.each([0.0001, 0.001, 0.02])(
    'after an hour without a failure, both failing alike, by %d, is no alarm',
    (rate) => {
      let alarms = 0;
      for (let seed = 1; seed <= WINDOWS; seed++) {
        const random = randomFrom(seed);
        const before = Array.from({ length: 120 }, (): Tick => [200, 0]);
        const after = Array.from({ length: 60 }, () =>
          both(100, binomial(100, rate, random), 100, binomial(100, rate, random)),
        );
        if (alarmOf(before, after) !== null) alarms += 1;
      }
      expect(alarms).toBeLessThanOrEqual(WINDOWS / 50);
    },
  );

  test('a rise that is allowed stays allowed, however few failures the one before has', () => {
    let alarms = 0;
    for (let seed = 1; seed <= WINDOWS; seed++) {
      const random = randomFrom(seed);
      const before = hourOf(0.0005, random, 200);
      // The limit is one point; a critical alarm is for more than half of it.
      const after = Array.from({ length: 60 }, () =>
        both(100, binomial(100, 0.001, random), 100, binomial(100, 0.0005, random)),
      );
      const judged = judgeAll(before, after);
      if (judged.some(({ state }) => state.standing.alarm === 'critical')) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(WINDOWS / 50);
  });

  test('a release that is no worse than the one before is proven healthy, drift or not', () => {
    for (const [base, now, least] of [
      [0.002, 0.002, 95],
      [0.002, 0.005, 90],
    ] as const) {
      let healthy = 0;
      for (let seed = 1; seed <= 100; seed++) {
        const random = randomFrom(seed);
        const after = Array.from({ length: 60 }, () =>
          both(300, binomial(300, now, random), 300, binomial(300, now, random)),
        );
        if (last(hourOf(base, random), after).proven) healthy += 1;
      }
      expect(healthy).toBeGreaterThanOrEqual(least);
    }
  });
});

describe('in words', () => {
  const rules = { tickMs: 30_000, settleMs: 180_000, errorRateRise: 0.01, latencyRise: 0.1 };
  const before = ticks(
    'baseline',
    Array.from({ length: 120 }, () => ({ total: 600, errors: 1 })),
  );
  const names = { release: '1.3.0', other: '1.2.0' };

  function reasonsAfter(
    after: readonly Omit<Sample, 'at' | 'phase'>[],
    more: { readonly isShare?: true } = {},
  ): readonly string[] {
    const start = judge.begin(before, { ...rules, ...more });
    let state: JudgeState | null = null;
    let reasons: readonly string[] = [];
    for (const sample of ticks('after', after)) {
      const { judgement, ...tick } = judge.tick(start, state, sample);
      state = JSON.parse(JSON.stringify(tick.state));
      reasons = judgement.findings.map(({ verdict, reason }) => `${verdict}: ${reason}`);
    }
    return reasons;
  }

  const tick = (bad: number, otherBad: number, more: Partial<Sample> = {}) => ({
    total: 250,
    errors: bad + otherBad,
    beside: { total: 130, errors: otherBad, ...names },
    ...more,
  });

  test('an alarm and a proof say what was compared', () => {
    expect(reasonsAfter(Array.from({ length: 12 }, () => tick(6, 0)))).toEqual([
      'critical: 36 of 720 requests of 1.3.0 failed in the last 3 minutes (5 %); 0 of 780 of 1.2.0 in the same minutes. That is a rise beyond chance.',
    ]);
    expect(reasonsAfter(Array.from({ length: 20 }, (_, at) => tick(0, at % 2)))).toEqual([
      'healthy: 0 of 2,400 requests of 1.3.0 failed since the deploy; 10 of 2,600 of 1.2.0 in the same minutes (0.4 %). A rise by 1 percentage point is ruled out.',
    ]);
  });

  test('ticks that only the new release answered are compared with before the deploy, and that is said', () => {
    const alone = { total: 250, errors: 12, beside: { total: 0, errors: 0, release: '1.3.0' } };
    expect(
      reasonsAfter([
        ...Array.from({ length: 9 }, () => tick(6, 0)),
        ...Array.from({ length: 3 }, () => alone),
      ]),
    ).toEqual([
      'critical: 54 of 1,110 requests of 1.3.0 failed in the last 3 minutes (4.9 %); 0 of 390 of 1.2.0 in the same minutes; 0.2 % before the deploy. That is a rise beyond chance.',
    ]);
    const reasons = reasonsAfter(Array.from({ length: 12 }, () => ({ ...alone, errors: 0 })));
    expect(reasons).toEqual([
      'healthy: 0 of 3,000 requests failed since the deploy. A rise by 1 percentage point is ruled out.',
    ]);
  });

  test('what makes no sense, or has no name, is not told apart', () => {
    for (const beside of [
      null,
      5,
      'x',
      {},
      { total: 100, errors: 1 },
      { total: 'x', errors: 1, release: '1.3.0' },
    ]) {
      const odd = { total: 250, errors: 0, beside } as unknown as ReturnType<typeof tick>;
      expect(reasonsAfter(Array.from({ length: 12 }, () => odd))[0]).toContain(
        'healthy: 0 of 3,000 requests',
      );
    }
  });

  test('one sentence says why they are not told apart', () => {
    const apart = 'No series has the label version: the releases are not compared side by side.';
    const reasons = reasonsAfter(Array.from({ length: 12 }, () => ({ total: 250, errors: 0, apart })));
    expect(reasons).toEqual([
      `healthy: 0 of 3,000 requests failed since the deploy. A rise by 1 percentage point is ruled out. ${apart}`,
    ]);
    const later = [{ total: 250, errors: 0, apart }, ...Array.from({ length: 12 }, () => tick(0, 0))];
    expect(reasonsAfter(later)[0]).not.toContain('No series');
  });

  const apart = 'No series has version 1.3.0: the releases are not compared side by side.';
  const untold = { total: 250, errors: 0, apart };

  test('a release that answers no more is not proven healthy by the one before it', () => {
    const gone = [
      ...Array.from({ length: 3 }, () => tick(0, 0)),
      ...Array.from({ length: 20 }, () => untold),
    ];
    expect(reasonsAfter(gone)[0]).toMatch(
      /^inconclusive: Nothing was seen of 1\.3\.0 for 10 minutes\. No series has version 1\.3\.0/,
    );
    const failing = reasonsAfter([...gone, ...Array.from({ length: 8 }, () => ({ ...untold, errors: 40 }))]);
    expect(failing[0]).toMatch(/^critical: /);
  });

  test('of a share that is not told apart nothing is proven by the requests of all', () => {
    const judgedOf = (sample: Omit<Sample, 'at' | 'phase'>) =>
      reasonsAfter(
        Array.from({ length: 20 }, () => sample),
        { isShare: true },
      )[0];
    expect(judgedOf(untold)).toBe(`inconclusive: Nothing was seen of the release yet. ${apart}`);
    expect(judgedOf({ total: 250, errors: 0 })).toMatch(/^healthy: /);
  });
});
