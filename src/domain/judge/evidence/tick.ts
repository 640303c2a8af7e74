/** Requests of one tick and how many of them were bad; null when nothing is known of it. Plain JSON. */
export type Tick = readonly [requests: number, bad: number] | null;

/** A tick counts only with two finite numbers, 0 ≤ bad ≤ requests. Anything else is missing, which is never zero. */
export function tickOf(requests: unknown, bad: unknown): Tick {
  if (typeof requests !== 'number' || typeof bad !== 'number') return null;
  if (!Number.isFinite(requests) || !Number.isFinite(bad)) return null;
  return bad >= 0 && bad <= requests ? [requests, bad] : null;
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
