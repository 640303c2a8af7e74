import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../shared/context.ts';

/** Of so many it is asked; each alert beyond them counts. */
const MOST_ASKED = 50;
const AT_ONCE = 5;
/** So long the last answer counts while nobody answers. */
const KEPT_MS = 600_000;

/**
 * What may silence each of those that fire, a few asked for at once. What cannot be asked for loses no alert: of whom
 * nothing is told there is the answer of a short time ago, or none; `none` also where it may not be asked for.
 */
export function askedOfEach<K, T>(
  ask: (key: K, signal: AbortSignal | undefined) => Promise<T>,
  none: T,
  { now }: Pick<AdapterContext, 'now'>,
): (keys: readonly K[], signal?: AbortSignal) => Promise<ReadonlyMap<K, T>> {
  let known = new Map<K, { readonly at: number; readonly answer: T }>();
  return async (keys, signal) => {
    const some = keys.slice(0, MOST_ASKED);
    const found: typeof known = new Map();
    let isAway = false;
    for (let from = 0; from < some.length && !isAway; from += AT_ONCE) {
      const asking = some.slice(from, from + AT_ONCE).map(async (key) => {
        try {
          found.set(key, { at: now(), answer: await ask(key, signal) });
        } catch (error) {
          if (error instanceof Refusal) found.set(key, { at: now(), answer: none });
          else if (error instanceof Unavailable) isAway = true;
          else throw error;
        }
      });
      await Promise.all(asking);
    }
    const kept = [...known].filter(([key, { at }]) => some.includes(key) && now() - at < KEPT_MS);
    known = new Map([...kept, ...found]);
    return new Map([...known].map(([key, { answer }]) => [key, answer]));
  };
}
