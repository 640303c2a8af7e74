import type { Baseline } from './baseline.ts';
import { LogSum } from './log-sum.ts';
import { besideOf, ownOf, type Tick } from './tick.ts';

/** Effects that are mixed over: the rate is so many times what is allowed. */
export const COUNT_RATIOS = [1.5, 2, 3, 5, 10, 30, 100, 300] as const;
export const LATENCY_RATIOS = [1.25, 1.5, 2, 3, 5, 10, 20] as const;

/** Ticks of a start weight of its own. */
const SPAN = 60;

export interface RiseFacts {
  readonly baseline: Pick<Baseline, 'bad' | 'requests' | 'dispersion' | 'trust'>;
  /** All ticks since the deploy, and the bad requests of each after lowering, without those of the release before. */
  readonly after: readonly Tick[];
  readonly bad: readonly number[];
  /** The first tick that counts, 0-based. */
  readonly from: number;
  /** ρ: the rate after the deploy may be this many times the one before. */
  readonly allowed: number;
  /** The same by tick, against the release before in that tick; from what the ticks before it have shown. Absent: as allowed. */
  readonly allowedBeside?: readonly number[];
  readonly ratios: readonly number[];
}

export interface Rise {
  /** Natural logarithm of the e-value. */
  readonly ln: number;
  /** The tick, 0-based, since which the evidence is strongest. */
  readonly since: number;
}

/**
 * Evidence that the bad share of the requests rose above ρ times the one of the baseline: an e-value, which may be
 * looked at after every tick; under no rise it reaches x with a probability of at most 1/x, at any time.
 *
 * Conditional two-sample binomial: of all bad requests, as many fall after the deploy as the requests do (times ρ).
 * Mixed over how large the rise is and since which tick it is there (Lindon & Malek 2022; Shafer & Vovk 2019 for
 * e-values). With A = sE0/φ, B = sN0/φ and, over the ticks from j on, E = Σb'/φ, N = ρΣn/φ:
 * ln BF(j,r) = E ln r − (A + ½ + E) ln(1 + (r−1)N/(B+N)), e = Σ w_j mean_r BF(j,r) + 1 − Σ w_j.
 * O(ticks). The segments never join the baseline: that looks natural, and is wrong.
 *
 * A tick in which the release before answered N requests as well, E of them bad, is compared with those instead, and
 * not with the baseline: it adds [b' ln r − (b' + E) ln(1 + (r−1)s)]/φ, s = ρn/(ρn + N), to the ln BF of each segment
 * that it is in. Whatever the rate of these minutes is, nothing is added on average when the new one's is at most ρ
 * times that of the other, and ρ may follow from earlier ticks; decision 54 has the proof.
 */
export function riseOf({ baseline, after, bad, from, allowed, allowedBeside, ratios }: RiseFacts): Rise {
  const { dispersion, trust } = baseline;
  const badBefore = (trust * baseline.bad) / dispersion;
  const before = (trust * baseline.requests) / dispersion;
  const lnRatios = ratios.map(Math.log);
  const sideBySide = new Float64Array(ratios.length);
  const sum = new LogSum();
  let weights = 0;
  let badAfter = 0;
  let requests = 0;
  let most = Number.NEGATIVE_INFINITY;
  let since = from;
  for (let start = after.length - 1; start >= from; start--) {
    const tick = after[start] ?? null;
    const own = ownOf(tick)?.[0] ?? 0;
    const ownBad = (bad[start] ?? 0) / dispersion;
    const beside = besideOf(tick);
    if (beside === null) {
      badAfter += ownBad;
      requests += own / dispersion;
    } else {
      const both = ownBad + beside[1] / dispersion;
      const expectedOf = (allowedBeside?.[start] ?? allowed) * own;
      const share = expectedOf / (expectedOf + beside[0]);
      for (let index = 0; index < ratios.length; index++) {
        const lnBoth = both * Math.log1p(((ratios[index] ?? 1) - 1) * share);
        sideBySide[index] = (sideBySide[index] ?? 0) + ownBad * (lnRatios[index] ?? 0) - lnBoth;
      }
    }
    const weight = startWeight(start - from);
    const lnWeight = Math.log(weight / ratios.length);
    const expected = allowed * requests;
    const share = expected > 0 ? expected / (before + expected) : 0;
    weights += weight;
    for (let index = 0; index < ratios.length; index++) {
      const ln =
        (sideBySide[index] ?? 0) +
        badAfter * (lnRatios[index] ?? 0) -
        (badBefore + 0.5 + badAfter) * Math.log1p(((ratios[index] ?? 1) - 1) * share);
      if (ln > most) {
        most = ln;
        since = start;
      }
      sum.add(lnWeight + ln);
    }
  }
  sum.add(Math.log(1 - weights));
  return { ln: sum.ln, since };
}

/** w_i = ½·[i = 0] + ½/((q+1)(q+2)·60), q = ⌊i/60⌋: sums to one over all i. */
export function startWeight(index: number): number {
  const span = Math.floor(index / SPAN);
  return (index === 0 ? 0.5 : 0) + 0.5 / ((span + 1) * (span + 2) * SPAN);
}
