import type { Tick } from './evidence/tick.ts';
import { percent, spell } from './format.ts';

/** Share of the ticks that must be there, and how many at the end may not all be missing, to call anything healthy. */
const LEAST_SHARE = 0.7;
const BLIND_TICKS = 5;

/** Whether enough of the ticks are there to call anything healthy. */
export function isSeen(after: readonly Tick[]): boolean {
  return sightOf(after).kind === 'enough';
}

/** Why too little is seen of the ticks; null when it is enough. `whom`: of whom, at the start of a sentence. */
export function sightInWords(after: readonly Tick[], tickMs: number, whom = 'Production'): string | null {
  const sight = sightOf(after);
  switch (sight.kind) {
    case 'enough':
      return null;
    case 'none':
      return `Nothing was seen of ${within(whom)} yet.`;
    case 'blind':
      return blindFor(sight.ticks, tickMs, whom);
    case 'little':
      return `${whom} was seen only ${percent(sight.share)} of the time since the deploy; it takes ${percent(LEAST_SHARE)}.`;
  }
}

/** Nothing was seen in the last ticks, so many. */
export function blindFor(ticks: number, tickMs: number, whom = 'Production'): string {
  return `Nothing was seen of ${within(whom)} for ${spell(ticks * tickMs)}.`;
}

function within(whom: string): string {
  return whom.charAt(0).toLowerCase() + whom.slice(1);
}

type Sight =
  | { readonly kind: 'enough' | 'none' }
  | { readonly kind: 'blind'; readonly ticks: number }
  | { readonly kind: 'little'; readonly share: number };

function sightOf(after: readonly Tick[]): Sight {
  const there = after.filter((tick) => tick !== null).length;
  if (there === 0) return { kind: 'none' };
  const blind = after.length - 1 - after.findLastIndex((tick) => tick !== null);
  if (blind >= BLIND_TICKS) return { kind: 'blind', ticks: blind };
  if (there >= LEAST_SHARE * after.length) return { kind: 'enough' };
  return { kind: 'little', share: there / after.length };
}
