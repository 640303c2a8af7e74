import { durationInWords } from '../../../domain/text/duration.ts';
import { codesOf, isOwnTrouble } from '../../shared/network-trouble.ts';
import { limited } from '../../shared/time-limit.ts';
import type { Attempt } from '../port.ts';

/** An attempt under way. */
export interface Look {
  /** Aborted when the attempt is over, however it ended: whatever it opened is destroyed then. */
  readonly signal: AbortSignal;
  /** What it waits for, for the words of an attempt that takes too long: `to be connected`. */
  waitsFor: string;
}

/**
 * One attempt that ends in time, whatever the other side and its client do: what has not answered by then is destroyed
 * and was no answer. Throws what `look` throws.
 */
export async function withinTime(
  timeoutMs: number,
  outer: AbortSignal,
  look: (look: Look) => Promise<Attempt>,
): Promise<Attempt> {
  const started = performance.now();
  const over = new AbortController();
  const late = limited(timeoutMs, outer);
  const state: Look = { signal: over.signal, waitsFor: '' };
  const took = () => Math.round(performance.now() - started);
  const tooLate = (): Attempt => {
    const limit = durationInWords(outer.aborted ? took() : timeoutMs);
    const doing = state.waitsFor === '' ? '' : `; it waited ${state.waitsFor}`;
    return { ok: false, detail: `no answer within ${limit}${doing}`, latencyMs: took() };
  };
  if (late.aborted) return tooLate();
  try {
    const end = new Promise<Attempt>((resolve) => {
      late.addEventListener('abort', () => resolve(tooLate()), { once: true });
    });
    const looked = look(state);
    // What fails after its time was already answered for.
    looked.catch(() => undefined);
    const seen = await Promise.race([looked, end]);
    return { latencyMs: took(), ...seen };
  } finally {
    over.abort();
  }
}

/** An attempt that failed with an error, with its words. */
export function failed(error: unknown, words: string): Attempt {
  return { ok: false, detail: words, ...(isOwnTrouble(codesOf(error)) ? { unasked: true } : {}) };
}
