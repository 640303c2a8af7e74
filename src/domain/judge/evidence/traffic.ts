import type { Tick } from './tick.ts';

/** How unlikely so few requests must be. */
const CHANCE = Math.log(1e-4);
const LAST_TICKS = 10;

/**
 * m: a quarter of the traffic before the deploy, in requests a tick: the lesser of its 10 % quantile (linear between
 * ticks) and the mean of its last ten ticks. 0 without ticks.
 */
export function leastTraffic(requests: readonly number[]): number {
  if (requests.length === 0) return 0;
  const last = requests.slice(-LAST_TICKS);
  const mean = last.reduce((all, one) => all + one, 0) / last.length;
  return Math.min(quantileOf(requests, 0.1), mean) / 4;
}

/** The quantile q, 0..1, of at least one value, linear between neighbours (type 7 of Hyndman and Fan 1996). */
export function quantileOf(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * Whether traffic is gone: two ticks in a row, both there, with fewer than `least` requests each, which even a quarter
 * of the usual traffic makes less likely than 1e-4. A source that answers nothing is missing, not gone.
 */
export function isGone(after: readonly Tick[], least: number): boolean {
  return after.length >= 2 && after.slice(-2).every((tick) => tick !== null && isTooFew(tick[0], least));
}

function isTooFew(requests: number, least: number): boolean {
  return requests < least && lnPoissonAtMost(Math.floor(requests), least) < CHANCE;
}

/** ln P(Poisson(mean) ≤ count), for a whole count below the mean: a sum that falls off from its last term. */
export function lnPoissonAtMost(count: number, mean: number): number {
  let sum = 1;
  let term = 1;
  for (let k = count; k > 0 && term > 1e-17 * sum; k--) {
    term *= k / mean;
    sum += term;
  }
  return count * Math.log(mean) - mean - lnFactorial(count) + Math.log(sum);
}

/** ln n!, by Stirling's series from 16 on (to 1e-12). */
function lnFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let k = 2; k <= n; k++) product *= k;
    return Math.log(product);
  }
  const correction = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1_260 * n ** 5);
  return n * Math.log(n) - n + Math.log(2 * Math.PI * n) / 2 + correction;
}
