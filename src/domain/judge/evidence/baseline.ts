import { sumOf, type Tick, ticksIn } from './tick.ts';
import { leastTraffic } from './traffic.ts';

/**
 * What is known of a count metric from before the deploy, and how far it is trusted: the guard of the evidence.
 * Plain JSON.
 */
export interface Baseline {
  /** Bad requests, E0, and requests, N0. */
  readonly bad: number;
  readonly requests: number;
  /** p: bad share of the requests, 0..1, (E0 + ½)/(N0 + 1). */
  readonly rate: number;
  /** φ ≥ 1: variance of the counts over that of independent requests, between neighbouring ticks. */
  readonly dispersion: number;
  /** τ²: squared relative drift of the rate between blocks of five minutes. */
  readonly drift: number;
  /** s: share of the baseline's requests that counts, 0..1; a rate that drifts is known less well. */
  readonly trust: number;
  /** φ_ok: the dispersion for the proof of health, also seen between blocks. */
  readonly dispersionOfBlocks: number;
  /** Minutes of which something is known. */
  readonly minutes: number;
  /** Fewer requests than this in a tick may mean that traffic is gone; 0 without a baseline. */
  readonly leastTraffic: number;
  /** How many earlier days are in it, too; absent: none. */
  readonly days?: number;
}

export const BLOCK_MS = 300_000;
/** No rate is known better than this, relative. */
const LEAST_DRIFT = 0.05;
/** How badly a rate is known from no minutes at all, relative; nothing is added from so many minutes on. */
const UNKNOWN = { drift: 0.35, minutes: 45 };
const LEAST_BLOCKS = 6;

/**
 * The baseline of consecutive ticks that end with the deploy.
 *
 * The dispersion is von Neumann's mean square of successive differences, of Pearson residuals: drift does not count
 * into it. The drift is what is left of the variance between blocks (a moment estimator, as DerSimonian and Laird
 * 1986 for studies). As if a Gamma with this relative variance were laid over the rate, the baseline cannot weigh more
 * than 1/τ² bad requests.
 */
export function baselineOf(ticks: readonly Tick[], tickMs: number): Baseline {
  const { requests, bad } = sumOf(ticks);
  const rate = (bad + 0.5) / (requests + 1);
  const known = ticks.filter((tick) => tick !== null);
  const minutes = (known.length * tickMs) / 60_000;
  const dispersion = dispersionOf(ticks, rate);
  const blocks = blocksOf(ticks, rate, ticksIn(BLOCK_MS, tickMs));
  const unknown = UNKNOWN.drift * Math.max(0, 1 - minutes / UNKNOWN.minutes);
  const drift = Math.max(driftOf(blocks, rate, dispersion), LEAST_DRIFT ** 2, unknown ** 2);
  return {
    bad,
    requests,
    rate,
    dispersion,
    drift,
    trust: trustIn(bad, dispersion, drift),
    dispersionOfBlocks: dispersionOfBlocks(blocks, rate, dispersion),
    minutes,
    leastTraffic: leastTraffic(known.map(([total]) => total)),
  };
}

/** How much of its weight a baseline of so many bad requests keeps, 0..1. */
export function trustIn(bad: number, dispersion: number, drift: number): number {
  return bad === 0 ? 1 : Math.min(1, dispersion / (drift * bad));
}

/** φ = max(1, mean((r_{i+1} − r_i)²)/2), r the residuals of neighbours that are both there. */
export function dispersionOf(ticks: readonly Tick[], rate: number): number {
  let sum = 0;
  let pairs = 0;
  let last: number | null = null;
  for (const tick of ticks) {
    const residual: number | null =
      tick === null || tick[0] <= 0
        ? null
        : (tick[1] - tick[0] * rate) / Math.sqrt(tick[0] * rate * (1 - rate));
    if (residual !== null && last !== null) {
      sum += (residual - last) ** 2;
      pairs += 1;
    }
    last = residual;
  }
  return pairs === 0 ? 1 : Math.max(1, sum / pairs / 2);
}

export interface Block {
  readonly bad: number;
  /** Bad requests that the rate lets expect. */
  readonly expected: number;
}

/** Whole blocks counted back from the deploy, at least half of whose ticks are there. */
export function blocksOf(ticks: readonly Tick[], rate: number, length: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let end = ticks.length; end >= length; end -= length) {
    const block = ticks.slice(end - length, end);
    const { requests, bad } = sumOf(block);
    const there = block.filter((tick) => tick !== null).length;
    if (there * 2 >= length && requests > 0) blocks.push({ bad, expected: rate * requests });
  }
  return blocks;
}

/** v = Σ[(B−M)² − M(1−p)φ]/ΣM² · K/(K−1); 0 for fewer than two blocks. */
export function driftOf(blocks: readonly Block[], rate: number, dispersion: number): number {
  const count = blocks.length;
  if (count < 2) return 0;
  let excess = 0;
  let squares = 0;
  for (const { bad, expected } of blocks) {
    excess += (bad - expected) ** 2 - expected * (1 - rate) * dispersion;
    squares += expected ** 2;
  }
  return (excess / squares) * (count / (count - 1));
}

/** φ_ok = min(φ, max(1, Σ(B−M)²/(M(1−p))/(K−1))); φ for fewer than six blocks. */
export function dispersionOfBlocks(blocks: readonly Block[], rate: number, dispersion: number): number {
  if (blocks.length < LEAST_BLOCKS) return dispersion;
  const chi = blocks.reduce(
    (all, { bad, expected }) => all + (bad - expected) ** 2 / (expected * (1 - rate)),
    0,
  );
  return Math.min(dispersion, Math.max(1, chi / (blocks.length - 1)));
}
