import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { COUNT_START, type CountState, countTick } from '../../../src/domain/judge/counts/count-metric.ts';
import { baselineOf } from '../../../src/domain/judge/evidence/baseline.ts';
import { tickOf } from '../../../src/domain/judge/evidence/tick.ts';

interface Case {
  readonly name: string;
  readonly tick_s?: number;
  readonly settle?: number;
  readonly baseline: readonly (readonly [unknown, unknown] | null)[];
  readonly after: readonly (readonly [unknown, unknown] | null)[];
  readonly guard: Readonly<Record<'E0' | 'N0' | 'p' | 'phi' | 'tau2' | 's' | 'dpass' | 'minutes', number>>;
  readonly ticks: Readonly<
    Record<string, Readonly<Record<'warn' | 'crit' | 'hard' | 'outage' | 'ok' | 'recent', number>>>
  >;
  /** A letter for each tick: healthy, observed, warning, critical, inconclusive. */
  readonly verdicts: string;
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/judge/vectors.json', import.meta.url), 'utf8'),
) as { readonly cases: readonly Case[] };

/** To 1e-6, relative; figures have six decimals. */
function expectClose(actual: Readonly<Record<string, number>>, expected: Readonly<Record<string, number>>) {
  for (const [name, value] of Object.entries(expected)) {
    expect(
      Math.abs((actual[name] ?? Number.NaN) - value),
      `${name} is ${actual[name]}, not ${value}`,
    ).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(value)));
  }
}

test('there are 46 cases', () => {
  expect(cases).toHaveLength(46);
});

describe.each(cases)('$name', ({ baseline: before, after, guard, ticks, verdicts, ...given }) => {
  const tickMs = (given.tick_s ?? 30) * 1_000;
  const rules = { tickMs, settle: given.settle ?? 6, limit: 0.01, metrics: 1 };
  const baseline = baselineOf(
    before.map((one) => tickOf(one?.[0], one?.[1])),
    tickMs,
  );

  test('the guard', () => {
    expectClose(
      {
        E0: baseline.bad,
        N0: baseline.requests,
        p: baseline.rate,
        phi: baseline.dispersion,
        tau2: baseline.drift,
        s: baseline.trust,
        dpass: baseline.dispersionOfBlocks,
        minutes: baseline.minutes,
      },
      guard,
    );
  });

  test('the evidence and the verdict after each tick', () => {
    let state: CountState = COUNT_START;
    let said = '';
    for (const [index, one] of after.entries()) {
      const judged = countTick(baseline, state, tickOf(one?.[0], one?.[1]), rules);
      state = judged.state;
      const { warning, critical, ...evidence } = judged.evidence;
      const { verdict: _, ...expected } = (ticks[index] ?? {}) as Record<string, number>;
      expectClose({ ...evidence, warn: warning, crit: critical }, expected);
      const verdict = state.standing.alarm ?? (judged.severity === 'none' ? null : judged.severity);
      said += verdict === 'watching' ? 'o' : (verdict?.[0] ?? (judged.proven ? 'h' : 'i'));
    }
    expect(said).toBe(verdicts);
  });
});
