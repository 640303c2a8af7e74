import type { Baseline } from './baseline.ts';
import { logSumExp } from './log-sum.ts';

/** Once since the deploy the proof must be this strong, and now still that; natural logarithms. */
export const PROVEN = Math.log(20);
export const STILL_PROVEN = Math.log(3);

/** Shares of the limit that a rate without a baseline may have. */
const SHARES = [0.02, 0.2, 0.5] as const;

export type HealthyBaseline = Pick<Baseline, 'bad' | 'requests' | 'rate' | 'dispersionOfBlocks'>;

/**
 * Evidence that the bad share of the requests did NOT rise by `limit` (ratio 0..1), as the natural logarithm: against
 * the hypothesis that it rose by that much, half by comparison with the baseline (the same conditional binomial as the
 * rise, with ρ = 1 + limit/p), half by itself, since a rate before is at least 0. Without a baseline by itself only.
 * `bad` and `requests` are raw counts since the deploy.
 */
export function okOf(baseline: HealthyBaseline, bad: number, requests: number, limit: number): number {
  const phi = baseline.dispersionOfBlocks;
  const [e, n] = [bad / phi, requests / phi];
  const [e0, n0] = [baseline.bad / phi, baseline.requests / phi];
  const alone = SHARES.map(
    (share) => e * Math.log(share) + (n - e) * Math.log((1 - share * limit) / (1 - limit)),
  );
  const terms = [logSumExp(alone) - Math.log(SHARES.length)];
  if (n0 > 0) {
    const ratio = 1 + limit / baseline.rate;
    terms.push(-e * Math.log(ratio) + (e0 + 0.5 + e) * Math.log((n0 + ratio * n) / (n0 + n)));
  }
  return logSumExp(terms) - Math.LN2;
}

/**
 * How many more requests with the rate of before it takes until the evidence is at least `wanted` (natural logarithm);
 * null when that is more than `most` away.
 */
export function requestsToProof(
  baseline: HealthyBaseline,
  { bad, requests, limit }: { readonly bad: number; readonly requests: number; readonly limit: number },
  wanted: number,
  most: number,
): number | null {
  const rate = baseline.requests > 0 ? baseline.bad / baseline.requests : 0;
  const isProof = (more: number) => okOf(baseline, bad + rate * more, requests + more, limit) >= wanted;
  if (isProof(0)) return 0;
  let enough = 1;
  while (!isProof(enough)) {
    if (enough >= most) return null;
    enough = Math.min(most, enough * 2);
  }
  let tooFew = 0;
  while (enough - tooFew > 1) {
    const middle = Math.floor((enough + tooFew) / 2);
    if (isProof(middle)) enough = middle;
    else tooFew = middle;
  }
  return enough;
}
