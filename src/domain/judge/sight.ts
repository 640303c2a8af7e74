import type { Tick } from './evidence/tick.ts';
import { percent, several } from './format.ts';

/** Share of the ticks that must be there, and how many at the end may not all be missing, to call anything healthy. */
const LEAST_SHARE = 0.7;
const BLIND_TICKS = 5;

/** Whether enough of the ticks are there to call anything healthy. */
export function isSeen(after: readonly Tick[]): boolean {
  return sightInWords(after) === null;
}

/** Why too little is seen of the ticks; null when it is enough. */
export function sightInWords(after: readonly Tick[]): string | null {
  const there = after.filter((tick) => tick !== null).length;
  if (there === 0) return 'Nothing was seen of production yet.';
  const blind = after.length - 1 - after.findLastIndex((tick) => tick !== null);
  if (blind >= BLIND_TICKS) return `Nothing was seen of production for ${several(blind, 'tick')} in a row.`;
  if (there >= LEAST_SHARE * after.length) return null;
  return `Only ${percent(there / after.length)} of the ticks since the deploy show anything; it takes ${percent(LEAST_SHARE)}.`;
}
