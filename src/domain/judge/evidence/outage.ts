import type { Baseline } from './baseline.ts';
import { logSumExp } from './log-sum.ts';
import { sumOf, type Tick } from './tick.ts';

/** Looked at: the last tick, the last two, the last four. */
const LENGTHS = [1, 2, 4] as const;

/**
 * Evidence of an outage, as the natural logarithm: likelihood ratios of the last ticks between rates a of a service
 * that is down and q0 = min(0.95, p + 0.3(1−p)), which no service that is up has; their mean. It counts at once, the
 * settle time too, and without a baseline. Sums that begin anew with every tick are not one e-value; so far below q0
 * that costs nothing.
 */
export function outageOf(baseline: Pick<Baseline, 'rate' | 'dispersion'>, after: readonly Tick[]): number {
  const up = Math.min(0.95, baseline.rate + 0.3 * (1 - baseline.rate));
  const half = (1 + up) / 2;
  const down = [Math.max(0.5, half), Math.max(0.75, half), Math.max(0.98, up + 0.8 * (1 - up))];
  const terms = LENGTHS.flatMap((length) => {
    const { requests, bad } = sumOf(after.slice(-length));
    return down.map(
      (rate) =>
        (bad * Math.log(rate / up) + (requests - bad) * Math.log((1 - rate) / (1 - up))) /
        baseline.dispersion,
    );
  });
  return logSumExp(terms) - Math.log(terms.length);
}
