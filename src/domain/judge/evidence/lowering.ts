import { type Tick, ticksIn } from './tick.ts';

/** Errors in this time alone are a restart, not a release that fails. */
const ALLOWED_MS = 60_000;

/**
 * The bad requests of each tick, lowered so that the worst k ticks count as little as the one after them: with c the
 * (k+1)-th highest rate, b' = min(b, n·c + 1), and all 0 when c = 0. k ticks are a minute, at least one. No count is
 * raised, so a false alarm does not become likelier; and more errors never lower another tick's count.
 */
export function lowered(after: readonly Tick[], tickMs: number): readonly number[] {
  const rates = new Float64Array(after.length);
  for (const [index, tick] of after.entries()) {
    if (tick !== null && tick[0] > 0) rates[index] = tick[1] / tick[0];
  }
  const ceiling = rates.sort().at(-1 - ticksIn(ALLOWED_MS, tickMs)) ?? 0;
  if (ceiling === 0) return after.map(() => 0);
  return after.map((tick) => (tick === null ? 0 : Math.min(tick[1], tick[0] * ceiling + 1)));
}
