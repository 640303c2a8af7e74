import {
  type Baseline,
  BLOCK_MS,
  baselineOf,
  blocksOf,
  dispersionOf,
  dispersionOfBlocks,
  driftOf,
  trustIn,
} from './baseline.ts';
import { sumOf, type Tick, ticksIn } from './tick.ts';

/** Days whose rates differ by no more than that share are alike; what chance does comes on top, in standard deviations. */
const ALIKE = { share: 0.25, deviations: 2 } as const;

/**
 * The baseline of the ticks before the deploy together with those of the same time of earlier days, where these are alike.
 * An earlier day only adds requests: it makes the guards no lower than they are without it, and how much the days differ
 * counts as drift. A day with another rate, such as that of another release or of an incident, is left out. The traffic
 * that is expected stays that of just before the deploy. Without a day that counts it is the baseline of the ticks alone.
 */
export function pooledBaselineOf(
  ticks: readonly Tick[],
  history: readonly (readonly Tick[])[],
  tickMs: number,
): Baseline {
  const own = baselineOf(ticks, tickMs);
  const days = history.filter((day) => isAlike(own, day, tickMs));
  if (days.length === 0) return own;
  const windows = [ticks, ...days];
  const all = windows.map(sumOf);
  const requests = all.reduce((sum, one) => sum + one.requests, 0);
  const bad = all.reduce((sum, one) => sum + one.bad, 0);
  const rate = (bad + 0.5) / (requests + 1);
  // A missing tick between the days: the last of one is no neighbour of the first of the next.
  const inARow = windows.flatMap((one) => [...one, null]);
  const dispersion = Math.max(own.dispersion, dispersionOf(inARow, rate));
  const blocks = windows.flatMap((one) => blocksOf(one, rate, ticksIn(BLOCK_MS, tickMs)));
  const wholeDays = all.map((one) => ({ bad: one.bad, expected: rate * one.requests }));
  const drift = Math.max(own.drift, driftOf(blocks, rate, dispersion), driftOf(wholeDays, rate, dispersion));
  const known = inARow.filter((tick) => tick !== null).length;
  return {
    bad,
    requests,
    rate,
    dispersion,
    drift,
    trust: trustIn(bad, dispersion, drift),
    dispersionOfBlocks: Math.max(own.dispersionOfBlocks, dispersionOfBlocks(blocks, rate, dispersion)),
    minutes: (known * tickMs) / 60_000,
    leastTraffic: own.leastTraffic,
    days: days.length,
  };
}

/** Whether the bad share of a day is that of before the deploy, but for a quarter of it and chance. */
function isAlike(own: Baseline, day: readonly Tick[], tickMs: number): boolean {
  const { requests, bad } = sumOf(day);
  if (requests <= 0 || own.requests <= 0) return false;
  const expected = own.rate * requests;
  const dispersion = Math.max(own.dispersion, baselineOf(day, tickMs).dispersion);
  const variance = expected * (1 - own.rate) * dispersion * (1 + requests / own.requests);
  return Math.abs(bad - expected) <= ALIKE.share * expected + ALIKE.deviations * Math.sqrt(variance);
}
