import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  COUNT_START,
  type CountEvidence,
  type CountState,
  type CountTick,
  countTick,
} from '../../../src/domain/judge/counts/count-metric.ts';
import { baselineOf } from '../../../src/domain/judge/evidence/baseline.ts';
import type { Tick } from '../../../src/domain/judge/evidence/tick.ts';
import { processorMs } from '../../support/processor-time.ts';

const RULES = { tickMs: 30_000, settle: 6, limit: 0.01, metrics: 1 };
const RISES = ['warning', 'critical', 'hard', 'outage'] as const satisfies readonly (keyof CountEvidence)[];

function judgeAll(before: readonly Tick[], after: readonly Tick[], rules = RULES): readonly CountTick[] {
  const baseline = baselineOf(before, rules.tickMs);
  let state: CountState = COUNT_START;
  return after.map((tick) => {
    const judged = countTick(baseline, state, tick, rules);
    state = judged.state;
    return judged;
  });
}

const last = (before: readonly Tick[], after: readonly Tick[], rules = RULES) => {
  const judged = judgeAll(before, after, rules).at(-1);
  if (judged === undefined) throw new Error('no tick');
  return judged;
};

const anyTick: fc.Arbitrary<Tick> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 9,
    arbitrary: fc
      .tuple(fc.nat(900), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([requests, share]): Tick => [requests, Math.floor(requests * share ** 8)]),
  },
);
const anyBefore = fc.array(anyTick, { maxLength: 120 });
const anyAfter = fc.array(anyTick, { minLength: 1, maxLength: 40 });
const same = (count: number, tick: Tick): Tick[] => Array.from({ length: count }, () => tick);
const HOUR = same(120, [600, 1]);

describe('errors', () => {
  test('one more never lowers an e-value, one fewer never raises it', () => {
    fc.assert(
      fc.property(
        anyBefore,
        anyAfter,
        fc.nat(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (before, after, where, share) => {
          const index = where % after.length;
          const fewer = after.map(
            (tick, at): Tick =>
              at === index && tick !== null ? [tick[0], Math.floor(tick[1] * share)] : tick,
          );
          const [many, few] = [last(before, after).evidence, last(before, fewer).evidence];
          for (const name of RISES) {
            expect(few[name]).toBeLessThanOrEqual(many[name] + 1e-9 * Math.max(1, Math.abs(many[name])));
          }
          expect(few.ok).toBeGreaterThanOrEqual(many.ok - 1e-9 * Math.max(1, Math.abs(many.ok)));
        },
      ),
    );
  });

  test('in one minute alone give no warning, however many', () => {
    fc.assert(
      fc.property(
        anyBefore,
        fc.array(fc.nat(900), { minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.nat(),
        (before, requests, a, b) => {
          const bad = new Set([a % requests.length, b % requests.length]);
          const after = requests.map((n, at): Tick => [n, bad.has(at) ? n : 0]);
          for (const { evidence } of judgeAll(before, after)) {
            expect(Math.max(evidence.warning, evidence.critical, evidence.hard)).toBeLessThanOrEqual(1e-9);
          }
        },
      ),
    );
  });

  test('in the settle time alone are no warning', () => {
    const judged = judgeAll(HOUR, [...same(6, [600, 30]), ...same(20, [600, 1])]);
    expect(judged.map(({ state }) => state.standing.alarm).filter(Boolean)).toEqual([]);
  });
});

describe('a missing tick', () => {
  test('is no evidence', () => {
    fc.assert(
      fc.property(anyBefore, anyAfter, (before, after) => {
        const [were, now] = [last(before, after).evidence, last(before, [...after, null]).evidence];
        for (const name of ['warning', 'critical', 'hard', 'ok'] as const) {
          expect(Math.abs(now[name] - were[name])).toBeLessThanOrEqual(
            1e-9 * Math.max(1, Math.abs(were[name])),
          );
        }
      }),
    );
  });

  test('is not good, and is not traffic that is gone', () => {
    const judged = judgeAll(HOUR, [...same(10, [600, 1]), ...same(5, null)]);
    expect(judged.at(9)?.proven).toBe(true);
    expect(judged.at(13)?.proven).toBe(true);
    expect(judged.at(14)).toMatchObject({ proven: false, severity: 'none' });
  });
});

test('a longer watch changes nothing that was decided before', () => {
  fc.assert(
    fc.property(anyBefore, anyAfter, anyAfter, (before, after, more) => {
      const judged = judgeAll(before, [...after, ...more]);
      expect(judged.slice(0, after.length)).toEqual(judgeAll(before, after));
    }),
  );
});

test('the state is plain JSON: a tick after a restart is the same tick', () => {
  fc.assert(
    fc.property(anyBefore, anyAfter, (before, after) => {
      const baseline = baselineOf(before, RULES.tickMs);
      let state: CountState = COUNT_START;
      for (const [index, tick] of after.entries()) {
        const judged = countTick(JSON.parse(JSON.stringify(baseline)), state, tick, RULES);
        expect(judged).toEqual(judgeAll(before, after.slice(0, index + 1)).at(-1));
        state = JSON.parse(JSON.stringify(judged.state));
      }
    }),
    { numRuns: 25 },
  );
});

describe('an alarm', () => {
  const bad = same(8, [600, 20] as const);

  test('stands until five ticks in a row are calm, and has then recovered once', () => {
    const judged = judgeAll(same(120, [600, 6]), [...same(10, [600, 14]), ...same(60, [600, 6])]);
    const alarms = judged.map(({ state }) => state.standing.alarm);
    const from = alarms.indexOf('warning');
    const to = alarms.lastIndexOf('warning');
    expect(from).toBeGreaterThanOrEqual(6);
    expect(new Set(alarms.slice(from, to + 1)).has(null)).toBe(false);
    expect(judged.filter(({ state }) => state.standing.recovered)).toEqual([judged[to + 1]]);
    expect(judged.slice(to - 3, to + 2).every(({ evidence }) => evidence.warning < 0)).toBe(true);
  });

  test('becomes critical, and not less', () => {
    const alarms = judgeAll(HOUR, [...same(6, [600, 1]), ...bad, ...bad]).map(
      ({ state }) => state.standing.alarm,
    );
    expect(alarms.at(-1)).toBe('critical');
    expect(alarms.slice(alarms.indexOf('critical'))).not.toContain('warning');
  });

  test('of an outage comes with its first tick, in the settle time too, at every level of traffic', () => {
    for (const requests of [15, 60, 6_000]) {
      const down: Tick = [requests, Math.ceil(requests * 0.97)];
      const before = same(120, [requests, 0] as const);
      expect(last(before, [down]).state).toMatchObject({ standing: { alarm: 'critical' }, cause: 'outage' });
      expect(last(before, [...same(20, [requests, 0]), down]).state.standing.alarm).toBe('critical');
    }
    expect(last([], [[600, 590]]).state.standing.alarm).toBe('critical');
  });

  test('of traffic that is gone comes with the second tick', () => {
    const judged = judgeAll(HOUR, [...same(3, [600, 1]), [0, 0], [0, 0], ...same(20, [600, 1])]);
    expect(judged.map(({ state }) => state.cause)).toEqual([
      ...same(4, null),
      ...judged.slice(4, judged.length).map(({ state }) => (state.standing.alarm ? 'traffic' : null)),
    ]);
    expect(judged.at(4)?.state.standing.alarm).toBe('critical');
    expect(judged.at(-1)?.state.standing.alarm).toBeNull();
  });

  test('needs more evidence the more metrics are judged together', () => {
    const after = [...same(6, [600, 1] as const), ...same(30, [600, 5] as const)];
    const first = (metrics: number) =>
      judgeAll(HOUR, after, { ...RULES, metrics }).findIndex(({ severity }) => severity === 'warning');
    expect(first(1)).toBeGreaterThan(5);
    expect(first(1_000)).toBeGreaterThan(first(1));
  });
});

test('ten metrics of sixty ticks are judged in less than 5 ms a tick', () => {
  const after = Array.from({ length: 60 }, (_, index): Tick => [600, index % 4]);
  const baseline = baselineOf(HOUR, RULES.tickMs);
  const state = { ...COUNT_START, after: after.slice(1) };
  const ticks = () => {
    for (let nr = 0; nr < 60 * 10; nr++) countTick(baseline, state, [600, 1], RULES);
  };
  expect(processorMs(ticks, { enough: 60 * 5 })).toBeLessThan(60 * 5);
});
