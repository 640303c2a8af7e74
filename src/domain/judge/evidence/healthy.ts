import type { Baseline } from './baseline.ts';
import { logSumExp } from './log-sum.ts';
import { besideOf, ownOf, sumOf, type Tick } from './tick.ts';

/** Once since the deploy the proof must be this strong, and now still that; natural logarithms. */
export const PROVEN = Math.log(20);
export const STILL_PROVEN = Math.log(3);
/** Below it the comparison with the baseline speaks against health; at it, where nothing is known at all. */
export const AGAINST = -Math.LN2;

/** Shares of the limit that a rate without a baseline may have. */
const SHARES = [0.02, 0.2, 0.5] as const;

export type HealthyBaseline = Pick<Baseline, 'bad' | 'requests' | 'rate' | 'dispersionOfBlocks'>;

/** What the releases before and after answered in the same ticks, raw counts. */
export interface SideBySide {
  readonly requests: number;
  readonly bad: number;
  readonly beside: number;
  readonly besideBad: number;
}

/** What was counted of the release: ticks of its own, and those in which the release before answered as well. */
export interface OwnCounts {
  readonly requests: number;
  readonly bad: number;
  readonly sides: readonly SideBySide[];
}

export function countedIn(ticks: readonly Tick[]): OwnCounts {
  const alone: Tick[] = [];
  const sides: SideBySide[] = [];
  for (const tick of ticks) {
    const beside = besideOf(tick);
    const own = ownOf(tick);
    if (own === null) continue;
    if (beside === null) alone.push(own);
    else sides.push({ requests: own[0], bad: own[1], beside: beside[0], besideBad: beside[1] });
  }
  return { ...sumOf(alone), sides };
}

/**
 * Evidence that the bad share of the requests did NOT rise by `limit` (ratio 0..1), as the natural logarithm: against
 * the hypothesis that it rose by that much, half by comparison with the baseline (the same conditional binomial as the
 * rise, with ρ = 1 + limit/p), half by itself, since a rate before is at least 0. Without a baseline by itself only.
 * `bad` and `requests` are raw counts since the deploy, without those of `sides`.
 *
 * Ticks in which both releases answered are compared with the one before in the same ticks, p being its rate there if
 * that is higher than the baseline's: ρ times a rate that has drifted up would be more than `limit`.
 */
export function okOf(
  baseline: HealthyBaseline,
  bad: number,
  requests: number,
  limit: number,
  sides: readonly SideBySide[] = [],
): number {
  const phi = baseline.dispersionOfBlocks;
  const all = sides.reduce((sum, side) => sum + side.requests, requests) / phi;
  const allBad = sides.reduce((sum, side) => sum + side.bad, bad) / phi;
  const alone = SHARES.map(
    (share) => allBad * Math.log(share) + (all - allBad) * Math.log((1 - share * limit) / (1 - limit)),
  );
  const terms = [logSumExp(alone) - Math.log(SHARES.length)];
  if (baseline.requests > 0 || sides.length > 0) {
    const [e, n] = [bad / phi, requests / phi];
    const [e0, n0] = [baseline.bad / phi, baseline.requests / phi];
    const ratio = 1 + limit / baseline.rate;
    const before = n0 > 0 ? -e * Math.log(ratio) + (e0 + 0.5 + e) * Math.log((n0 + ratio * n) / (n0 + n)) : 0;
    terms.push(before + sideBySideOf(baseline, sides, limit));
  }
  return logSumExp(terms) - Math.LN2;
}

function sideBySideOf(baseline: HealthyBaseline, sides: readonly SideBySide[], limit: number): number {
  if (sides.length === 0) return 0;
  const rateBeside = (besideIn(sides, 'besideBad') + 0.5) / (besideIn(sides, 'beside') + 1);
  const ratio = 1 + limit / Math.max(baseline.requests > 0 ? baseline.rate : 0, rateBeside);
  const ln = sides.reduce((sum, { requests, bad, beside, besideBad }) => {
    const both = (bad + besideBad) * Math.log((beside + ratio * requests) / (beside + requests));
    return sum - bad * Math.log(ratio) + both;
  }, 0);
  return ln / baseline.dispersionOfBlocks;
}

function besideIn(sides: readonly SideBySide[], field: 'beside' | 'besideBad'): number {
  return sides.reduce((sum, side) => sum + side[field], 0);
}

/**
 * How many more requests with the rate of before it takes until the evidence is at least `wanted` (natural logarithm);
 * null when that is more than `most` away. While both releases answer, more come to both, at the rate of the one
 * before.
 */
export function requestsToProof(
  baseline: HealthyBaseline,
  {
    bad,
    requests,
    limit,
    sides = [],
  }: Pick<OwnCounts, 'bad' | 'requests'> & Partial<OwnCounts> & { readonly limit: number },
  wanted: number,
  most: number,
): number | null {
  const last = sides.at(-1);
  const isProof = (more: number) => {
    if (last === undefined) {
      const rate = baseline.requests > 0 ? baseline.bad / baseline.requests : 0;
      return okOf(baseline, bad + rate * more, requests + more, limit) >= wanted;
    }
    const rate = besideIn(sides, 'besideBad') / besideIn(sides, 'beside');
    const beside = (more * last.beside) / last.requests;
    const next = { requests: more, bad: rate * more, beside, besideBad: rate * beside };
    return okOf(baseline, bad, requests, limit, [...sides, next]) >= wanted;
  };
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
