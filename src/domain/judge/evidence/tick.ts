/**
 * Requests of one tick and how many of them were bad; null when nothing is known of it. Plain JSON.
 * The third and fourth number, where it is known: those of both that the release before answered in the same tick.
 */
export type Tick =
  | readonly [requests: number, bad: number]
  | readonly [requests: number, bad: number, besideRequests: number, besideBad: number]
  | null;

/** What the release before answered in the same tick. */
export interface BesideCounts {
  readonly requests: unknown;
  readonly bad: unknown;
}

/** Estimates add up to their sum but for the last digits. */
const ROUNDING = 1e-6;
/** Of both releases together, the one before needs this share to say how the same minutes were. */
const LEAST_BESIDE = 0.05;

/** A tick counts only with two finite numbers, 0 ≤ bad ≤ requests. Anything else is missing, which is never zero. */
export function tickOf(requests: unknown, bad: unknown, beside?: BesideCounts): Tick {
  const all = countsOf(requests, bad);
  const before = beside === undefined ? null : countsOf(beside.requests, beside.bad);
  if (all === null || before === null) return all;
  const [others, otherBad] = before;
  const isWithin =
    others <= all[0] + ROUNDING &&
    otherBad <= all[1] + ROUNDING &&
    all[1] - otherBad <= all[0] - others + ROUNDING;
  return isWithin ? [all[0], all[1], others, otherBad] : all;
}

function countsOf(requests: unknown, bad: unknown): readonly [number, number] | null {
  if (typeof requests !== 'number' || typeof bad !== 'number') return null;
  if (!Number.isFinite(requests) || !Number.isFinite(bad)) return null;
  return bad >= 0 && bad <= requests ? [requests, bad] : null;
}

/** The tick without what the release before answered in it; the same where that is not known. */
export function ownOf(tick: Tick): Tick {
  if (tick === null || tick.length === 2) return tick;
  const requests = Math.max(0, tick[0] - tick[2]);
  return [requests, Math.min(requests, Math.max(0, tick[1] - tick[3]))];
}

/**
 * What the release before answered in the tick, where both answered enough to be compared: null where it is not known,
 * where the new one had no request, or the other less than a twentieth. That depends on requests alone, never on what
 * was bad.
 */
export function besideOf(tick: Tick): readonly [requests: number, bad: number] | null {
  if (tick === null || tick.length === 2) return null;
  const [all, , others, otherBad] = tick;
  return others < all - ROUNDING && others > 0 && others >= LEAST_BESIDE * all ? [others, otherBad] : null;
}

export function sumOf(ticks: readonly Tick[]): { readonly requests: number; readonly bad: number } {
  let requests = 0;
  let bad = 0;
  for (const tick of ticks) {
    if (tick === null) continue;
    requests += tick[0];
    bad += tick[1];
  }
  return { requests, bad };
}

/** How many ticks a duration has, at least one. Both in ms. */
export function ticksIn(durationMs: number, tickMs: number): number {
  return Math.max(1, Math.round(durationMs / tickMs));
}
