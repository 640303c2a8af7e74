import type { Changes } from './changes.ts';
import type { Change } from './model.ts';

/**
 * Resolves with the first value that `look` finds: at once, or after one of the next changes.
 * Rejects after `timeoutMs` with an Error that says `what` was awaited and what `state` shows instead.
 */
export function waitFor<T>(
  changes: Changes,
  look: (change: Change | undefined) => T | undefined,
  given: { readonly timeoutMs: number; readonly what: string; readonly state: () => string },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const done = () => {
      stop();
      clearTimeout(timer);
    };
    const attempt = (change: Change | undefined) => {
      try {
        const found = look(change);
        if (found === undefined) return false;
        done();
        resolve(found);
      } catch (error) {
        done();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      return true;
    };
    const stop = changes.subscribe(attempt);
    const timer = setTimeout(() => {
      done();
      reject(new Error(`waited ${given.timeoutMs} ms for ${given.what}; there is:\n${given.state()}`));
    }, given.timeoutMs);
    attempt(undefined);
  });
}
