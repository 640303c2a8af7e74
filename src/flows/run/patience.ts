import type { Outage } from '../../domain/refusals/refusal.ts';
import { unavailableOf } from './unavailable.ts';

const FIRST_PAUSE_MS = 2_000;
/** Whatever is back within a quarter of an hour is noticed within this time; after that, within a minute. */
const LONGEST_PAUSE_MS = 6_000;
const LONGEST_LATER_MS = 60_000;
/** However long somebody asks to be left alone: a person may want to know sooner, and see that it goes on. */
const LONGEST_OBEYED_MS = 3_600_000;
const LATER = 150;

/** How a run waits for what does not answer. */
export interface Patience {
  /** A person may cancel meanwhile. */
  readonly cancellable?: boolean;
  /**
   * Who asks to be left alone is, for an hour at most, once the card says so; without it for a minute, where something of the
   * release may be live and a person may want it back.
   */
  readonly obeys?: boolean;
  /** A vote is followed by the next try at once. */
  readonly heedsVotes?: boolean;
  /** It gives up as soon as a rollback is asked for, which stays in the inbox. */
  readonly yields?: boolean;
  /** After so many it gives up. */
  readonly tries?: number;
}

/** How long is waited after that try, in ms; `retryAfterMs`: what was asked for. */
export function pauseAfter(
  attempt: number,
  retryAfterMs: number | undefined,
  { obeys = false }: Patience,
): number {
  const longest = attempt < LATER ? LONGEST_PAUSE_MS : LONGEST_LATER_MS;
  const asked = obeys && attempt > 1 ? LONGEST_OBEYED_MS : LONGEST_LATER_MS;
  return Math.min(asked, retryAfterMs ?? Math.min(longest, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
}

type Answer<T> = { readonly kind: 'done'; readonly value: T } | ({ readonly kind: 'unavailable' } & Outage);

/** What the work answers, or why nobody does now; other errors are thrown. */
export async function orWhyNot<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    const away = unavailableOf(error, true);
    if (!away) throw error;
    return { kind: 'unavailable', ...away.outage };
  }
}
