import { LogSum } from './log-sum.ts';
import { startWeight } from './rise.ts';
import type { Tick } from './tick.ts';

/** So many of the ticks are slow when nothing has changed: a quantile of the baseline's ticks lies there. */
export const SLOW_SHARE = 0.1;
/** Shares of slow ticks that are bet on. */
const BETS = [0.3, 0.6, 0.95] as const;

export interface TickSigns {
  /** All ticks since the deploy, and how many slow ones each counts as after lowering. */
  readonly after: readonly Tick[];
  readonly slow: readonly number[];
  /** The first tick that counts, 0-based. */
  readonly from: number;
  /** φ: the sums are divided by it. */
  readonly dispersion: number;
}

/**
 * Evidence that more than one tick in ten is slow, as the natural logarithm of an e-value: for sources that know
 * percentiles of each tick and no histogram. A bet on each tick (Shafer and Vovk 2019), mixed over the share of slow
 * ticks and over the start as in `riseOf`. Neighbouring ticks are alike, so it is weaker evidence than requests are.
 */
export function tickSignOf({ after, slow, from, dispersion }: TickSigns): number {
  const sum = new LogSum();
  let weights = 0;
  let seen = 0;
  let bad = 0;
  for (let start = after.length - 1; start >= from; start--) {
    seen += (after[start]?.[0] ?? 0) / dispersion;
    bad += (slow[start] ?? 0) / dispersion;
    const weight = startWeight(start - from);
    weights += weight;
    for (const bet of BETS) {
      sum.add(
        Math.log(weight / BETS.length) +
          bad * Math.log(bet / SLOW_SHARE) +
          (seen - bad) * Math.log((1 - bet) / (1 - SLOW_SHARE)),
      );
    }
  }
  sum.add(Math.log(1 - weights));
  return sum.ln;
}
