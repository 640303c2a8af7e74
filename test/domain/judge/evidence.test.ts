import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Baseline, baselineOf } from '../../../src/domain/judge/evidence/baseline.ts';
import { okOf, PROVEN, requestsToProof } from '../../../src/domain/judge/evidence/healthy.ts';
import { logMeanExp, logSumExp } from '../../../src/domain/judge/evidence/log-sum.ts';
import { lowered } from '../../../src/domain/judge/evidence/lowering.ts';
import { outageOf } from '../../../src/domain/judge/evidence/outage.ts';
import { COUNT_RATIOS, riseOf } from '../../../src/domain/judge/evidence/rise.ts';
import { type Tick, tickOf } from '../../../src/domain/judge/evidence/tick.ts';
import { tickSignOf } from '../../../src/domain/judge/evidence/tick-sign.ts';
import {
  isGone,
  leastTraffic,
  lnPoissonAtMost,
  quantileOf,
} from '../../../src/domain/judge/evidence/traffic.ts';

const TICK_MS = 30_000;

const anyTick = (most: number): fc.Arbitrary<Tick> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(null) },
    {
      weight: 8,
      arbitrary: fc
        .tuple(fc.nat(most), fc.double({ min: 0, max: 1, noNaN: true }))
        .map(([requests, share]): Tick => [requests, Math.floor(requests * share ** 6)]),
    },
  );
const anyTicks = (length: number, most = 200) => fc.array(anyTick(most), { maxLength: length });

const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
const requestsOf = (ticks: readonly Tick[]) => sum(ticks.map((tick) => tick?.[0] ?? 0));
const badOf = (ticks: readonly Tick[]) => sum(ticks.map((tick) => tick?.[1] ?? 0));
const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-8 * Math.max(1, Math.abs(a), Math.abs(b));
/** Neither too large for a double nor too small for all its digits. */
const isExact = (value: number) => Number.isFinite(value) && value > 1e-280;
const expectClose = (a: number, b: number) => expect(isClose(a, b), `${a} and ${b}`).toBe(true);

describe('a tick', () => {
  test.each([
    ['not a number', Number.NaN, 0],
    ['endless', Number.POSITIVE_INFINITY, 0],
    ['negative', 10, -1],
    ['more bad than all', 5, 9],
    ['null', null, 1],
    ['not there', 600, undefined],
    ['a text', '600', 3],
  ])('that is %s is missing', (_name, requests, bad) => {
    expect(tickOf(requests, bad)).toBeNull();
  });

  test('of no request is there', () => {
    expect(tickOf(0, 0)).toEqual([0, 0]);
    expect(tickOf(10.5, 0.25)).toEqual([10.5, 0.25]);
  });
});

/** The baseline as the formulas are written, in the worst possible way to compute them. */
function slowBaseline(ticks: readonly Tick[]) {
  const [n0, e0] = [requestsOf(ticks), badOf(ticks)];
  const p = (e0 + 0.5) / (n0 + 1);
  const residual = (tick: Tick | undefined) =>
    !tick || tick[0] === 0 ? null : (tick[1] - tick[0] * p) / Math.sqrt(tick[0] * p * (1 - p));
  const steps: number[] = [];
  for (let i = 0; i + 1 < ticks.length; i++) {
    const [a, b] = [residual(ticks[i]), residual(ticks[i + 1])];
    if (a !== null && b !== null) steps.push((b - a) ** 2);
  }
  const phi = steps.length === 0 ? 1 : Math.max(1, sum(steps) / steps.length / 2);
  const backwards = [...ticks].reverse();
  const blocks = Array.from({ length: Math.floor(ticks.length / 10) }, (_, k) =>
    backwards.slice(k * 10, k * 10 + 10),
  )
    .filter((block) => block.filter((tick) => tick !== null).length >= 5)
    .map((block) => ({ b: badOf(block), m: p * requestsOf(block) }))
    .filter(({ m }) => m > 0);
  const k = blocks.length;
  const excess = sum(blocks.map(({ b, m }) => (b - m) ** 2 - m * (1 - p) * phi));
  const v = k < 2 ? 0 : (excess / sum(blocks.map(({ m }) => m ** 2))) * (k / (k - 1));
  const minutes = ticks.filter((tick) => tick !== null).length / 2;
  const u = 0.35 * Math.max(0, 1 - minutes / 45);
  const tau2 = Math.max(v, 0.05 ** 2, u ** 2);
  const chi = sum(blocks.map(({ b, m }) => (b - m) ** 2 / (m * (1 - p)))) / (k - 1);
  return {
    p,
    phi,
    tau2,
    s: e0 === 0 ? 1 : Math.min(1, phi / (tau2 * e0)),
    phiOk: k >= 6 ? Math.min(phi, Math.max(1, chi)) : phi,
  };
}

test('the baseline is what its formulas say', () => {
  fc.assert(
    fc.property(anyTicks(90), (ticks) => {
      const fast = baselineOf(ticks, TICK_MS);
      const slow = slowBaseline(ticks);
      expectClose(fast.rate, slow.p);
      expectClose(fast.dispersion, slow.phi);
      expectClose(fast.drift, slow.tau2);
      expectClose(fast.trust, slow.s);
      expectClose(fast.dispersionOfBlocks, slow.phiOk);
    }),
  );
});

describe('lowering', () => {
  test('is what its formula says', () => {
    fc.assert(
      fc.property(anyTicks(40), (after) => {
        const rates = after
          .map((tick) => (tick && tick[0] > 0 ? tick[1] / tick[0] : 0))
          .sort((a, b) => b - a);
        const c = rates[2] ?? 0;
        const expected = after.map((tick) =>
          tick === null || c === 0 ? 0 : Math.min(tick[1], tick[0] * c + 1),
        );
        expect(lowered(after, TICK_MS)).toEqual(expected);
      }),
    );
  });

  test('has a minute of any tick, and at least one tick', () => {
    const one: Tick[] = [
      [100, 50],
      [100, 0],
      [100, 0],
    ];
    const two: Tick[] = [
      [100, 50],
      [100, 50],
      [100, 0],
    ];
    expect(lowered(one, 60_000)).toEqual([0, 0, 0]);
    expect(lowered(two, 60_000)).toEqual([50, 50, 0]);
    expect(lowered(two, 30_000)).toEqual([0, 0, 0]);
    expect(lowered(one, 300_000)).toEqual([0, 0, 0]);
    expect(lowered([...two, ...two], 15_000)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

/** The mean over all starts and effects, each with its own sums. */
function slowRise(
  { bad: e0, requests: n0, dispersion: phi, trust: s }: Baseline,
  after: readonly Tick[],
  bad: readonly number[],
  from: number,
  rho: number,
): number {
  let e = 0;
  let weights = 0;
  for (let j = from; j < after.length; j++) {
    const i = j - from;
    const q = Math.floor(i / 60);
    const w = (i === 0 ? 0.5 : 0) + 0.5 / ((q + 1) * (q + 2) * 60);
    const sumE = sum(bad.slice(j)) / phi;
    const sumN = (rho * requestsOf(after.slice(j))) / phi;
    const share = sumN === 0 ? 0 : sumN / ((s * n0) / phi + sumN);
    const factors = COUNT_RATIOS.map(
      (r) => r ** sumE / (1 + (r - 1) * share) ** ((s * e0) / phi + 0.5 + sumE),
    );
    e += w * (sum(factors) / factors.length);
    weights += w;
  }
  return Math.log(e + 1 - weights);
}

describe('evidence of a rise', () => {
  const facts = fc.record({
    before: anyTicks(130),
    after: anyTicks(70, 20),
    from: fc.nat(8),
    allowed: fc.double({ min: 1, max: 6, noNaN: true }),
  });

  test('is what its formula says', () => {
    fc.assert(
      fc.property(facts, ({ before, after, from, allowed }) => {
        const baseline = baselineOf(before, TICK_MS);
        const bad = lowered(after, TICK_MS);
        const { ln } = riseOf({ baseline, after, bad, from, allowed, ratios: COUNT_RATIOS });
        const slow = slowRise(baseline, after, bad, from, allowed);
        if (Number.isFinite(slow)) expectClose(ln, slow);
      }),
    );
  });

  test('is no evidence before the settle time is over', () => {
    fc.assert(
      fc.property(facts, ({ before, after, allowed }) => {
        const rise = { baseline: baselineOf(before, TICK_MS), after, bad: lowered(after, TICK_MS), allowed };
        expect(riseOf({ ...rise, from: after.length, ratios: COUNT_RATIOS }).ln).toBe(0);
      }),
    );
  });

  test('is found where it begins', () => {
    const before = Array.from({ length: 120 }, (): Tick => [600, 1]);
    const after: Tick[] = [...before.slice(0, 20), [600, 60], [600, 60], [600, 60]];
    const rise = { baseline: baselineOf(before, TICK_MS), after, bad: lowered(after, TICK_MS) };
    expect(riseOf({ ...rise, from: 6, allowed: 1.25, ratios: COUNT_RATIOS }).since).toBe(20);
  });
});

test('evidence of an outage is what its formula says', () => {
  fc.assert(
    fc.property(anyTicks(130), anyTicks(8, 30), (before, after) => {
      const { rate: p, dispersion: phi } = baselineOf(before, TICK_MS);
      const q0 = Math.min(0.95, p + 0.3 * (1 - p));
      const values = [1, 2, 4].flatMap((length) => {
        const last = after.slice(Math.max(0, after.length - length));
        const [n, e] = [requestsOf(last) / phi, badOf(last) / phi];
        return [
          Math.max(0.5, (1 + q0) / 2),
          Math.max(0.75, (1 + q0) / 2),
          Math.max(0.98, q0 + 0.8 * (1 - q0)),
        ].map((a) => (a / q0) ** e * ((1 - a) / (1 - q0)) ** (n - e));
      });
      const mean = sum(values) / 9;
      if (isExact(mean)) expectClose(outageOf({ rate: p, dispersion: phi }, after), Math.log(mean));
    }),
  );
});

describe('the proof of health', () => {
  const anyLimit = fc.double({ min: 0.001, max: 0.2, noNaN: true });

  test('is what its formula says', () => {
    fc.assert(
      fc.property(anyTicks(130), anyTick(300), anyLimit, (before, tick, limit) => {
        const baseline = baselineOf(before, TICK_MS);
        const phi = baseline.dispersionOfBlocks;
        const [n, e] = [(tick?.[0] ?? 0) / phi, (tick?.[1] ?? 0) / phi];
        const [n0, e0] = [baseline.requests / phi, baseline.bad / phi];
        const rho = 1 + limit / baseline.rate;
        const conditional = n0 === 0 ? 0 : rho ** -e * ((n0 + rho * n) / (n0 + n)) ** (e0 + 0.5 + e);
        const absolute =
          sum([0.02, 0.2, 0.5].map((q) => q ** e * ((1 - q * limit) / (1 - limit)) ** (n - e))) / 3;
        if (![absolute, ...(n0 === 0 ? [] : [conditional])].every(isExact)) return;
        const slow = Math.log(conditional / 2 + absolute / 2);
        const fast = okOf(baseline, tick?.[1] ?? 0, tick?.[0] ?? 0, limit);
        expectClose(fast, slow);
      }),
    );
  });

  test('takes some 432 requests when nothing fails', () => {
    const before = baselineOf(
      Array.from({ length: 120 }, (): Tick => [6, 0]),
      TICK_MS,
    );
    expect(requestsToProof(before, { bad: 0, requests: 0, limit: 0.01 }, PROVEN, 1e9)).toBe(433);
  });

  test('takes as many requests as it says, and no fewer', () => {
    fc.assert(
      fc.property(anyTicks(130), anyTick(300), (before, tick) => {
        const baseline = baselineOf(before, TICK_MS);
        const [requests, bad] = tick ?? [0, 0];
        const more = requestsToProof(baseline, { bad, requests, limit: 0.01 }, PROVEN, 1e7);
        if (more === null || more === 0) return;
        const rate = baseline.requests === 0 ? 0 : baseline.bad / baseline.requests;
        const proof = (count: number) => okOf(baseline, bad + rate * count, requests + count, 0.01);
        expect(proof(more)).toBeGreaterThanOrEqual(PROVEN);
        expect(proof(more - 1)).toBeLessThan(PROVEN);
      }),
    );
  });

  test('is out of reach of a service that failed too much', () => {
    const before = baselineOf(
      Array.from({ length: 120 }, (): Tick => [6, 0]),
      TICK_MS,
    );
    expect(requestsToProof(before, { bad: 50, requests: 100, limit: 0.01 }, PROVEN, 1_000)).toBeNull();
  });
});

test('evidence by ticks is what its formula says', () => {
  const anySlow = fc.array(fc.oneof(fc.constant(null), fc.constantFrom<Tick>([1, 0], [1, 1])), {
    maxLength: 70,
  });
  fc.assert(
    fc.property(anySlow, fc.nat(8), fc.double({ min: 1, max: 3, noNaN: true }), (after, from, phi) => {
      let e = 0;
      let weights = 0;
      for (let j = from; j < after.length; j++) {
        const q = Math.floor((j - from) / 60);
        const w = (j === from ? 0.5 : 0) + 0.5 / ((q + 1) * (q + 2) * 60);
        const [all, slow] = [requestsOf(after.slice(j)) / phi, badOf(after.slice(j)) / phi];
        const bets = [0.3, 0.6, 0.95].map((bet) => (bet / 0.1) ** slow * ((1 - bet) / 0.9) ** (all - slow));
        e += (w * sum(bets)) / 3;
        weights += w;
      }
      const slow = after.map((tick) => tick?.[1] ?? 0);
      expectClose(tickSignOf({ after, slow, from, dispersion: phi }), Math.log(e + 1 - weights));
    }),
  );
});

describe('traffic that is gone', () => {
  test('is as unlikely as it is counted', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.double({ min: 0.1, max: 60, noNaN: true }), (extra, mean) => {
        const count = Math.min(extra, Math.ceil(mean) - 1);
        let term = Math.exp(-mean);
        let slow = term;
        for (let k = 1; k <= count; k++) {
          term *= mean / k;
          slow += term;
        }
        expectClose(lnPoissonAtMost(count, mean), Math.log(slow));
      }),
    );
    expect(lnPoissonAtMost(0, 1_500)).toBe(-1_500);
  });

  test('is two ticks in a row of far fewer than a quarter of the usual', () => {
    const least = leastTraffic(Array.from({ length: 120 }, () => 60));
    expect(least).toBe(15);
    expect(
      isGone(
        [
          [60, 0],
          [0, 0],
          [0, 0],
        ],
        least,
      ),
    ).toBe(true);
    expect(
      isGone(
        [
          [60, 0],
          [2, 0],
          [1, 0],
        ],
        least,
      ),
    ).toBe(true);
    expect(
      isGone(
        [
          [60, 0],
          [4, 0],
          [4, 0],
        ],
        least,
      ),
    ).toBe(false);
    expect(
      isGone(
        [
          [0, 0],
          [60, 0],
          [0, 0],
        ],
        least,
      ),
    ).toBe(false);
    expect(isGone([[0, 0]], least)).toBe(false);
    expect(isGone([[0, 0], null], least)).toBe(false);
    expect(isGone([null, null], least)).toBe(false);
    expect(
      isGone(
        [
          [0, 0],
          [0, 0],
        ],
        leastTraffic([]),
      ),
    ).toBe(false);
    expect(
      isGone(
        [
          [0, 0],
          [0, 0],
        ],
        leastTraffic([10, 10, 10]),
      ),
    ).toBe(false);
  });

  test('is measured by the lesser of a low tick and the last ones', () => {
    expect(quantileOf([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantileOf([7], 0.9)).toBe(7);
    const falling = [...Array.from({ length: 90 }, () => 100), ...Array.from({ length: 10 }, () => 40)];
    expect(leastTraffic(falling)).toBe(10);
  });
});

test('sums of logarithms', () => {
  expectClose(logSumExp([Math.log(2), Math.log(3)]), Math.log(5));
  expect(logSumExp([-2_000, -2_000])).toBeCloseTo(-2_000 + Math.LN2);
  expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
  expect(logMeanExp([])).toBeNull();
  expectClose(logMeanExp([Math.log(2), Math.log(4)]) ?? 0, Math.log(3));
});
