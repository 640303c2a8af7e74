import { explain } from '../../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { durationInWords } from '../../domain/text/duration.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';

/** What a source answered, or why it did not, in words. */
export type Answered<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'silence'; readonly why: string };

/** Asks a source, and waits no longer than that, also where it does not heed the signal. */
export async function asked<T>(
  withinMs: number,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<Answered<T>> {
  const signal = AbortSignal.timeout(withinMs);
  const tooLate = new Promise<Answered<T>>((resolve) => {
    const why = `no answer within ${durationInWords(withinMs)}`;
    signal.addEventListener('abort', () => resolve({ kind: 'silence', why }), { once: true });
  });
  return Promise.race([answerOf(() => ask(signal)), tooLate]);
}

async function answerOf<T>(ask: () => Promise<T>): Promise<Answered<T>> {
  try {
    return { kind: 'answer', value: await ask() };
  } catch (error) {
    // A source that lets nobody in shows as little as one that is away.
    if (error instanceof Unavailable) return { kind: 'silence', why: error.reason };
    if (error instanceof Refusal) return { kind: 'silence', why: withoutTrailing(explain(error).text, '.') };
    throw error;
  }
}
