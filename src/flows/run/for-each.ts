import { Unavailable } from '../../domain/refusals/refusal.ts';

/**
 * Does the work for each item in turn; one that fails does not stop the others. Throws at the end what they threw: an
 * Unavailable only when nothing worse was thrown.
 */
export async function forEach<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0) return;
  const worse = errors.filter((error) => !(error instanceof Unavailable));
  if (worse.length > 1) throw new AggregateError(worse, `${worse.length} of them failed`);
  throw worse[0] ?? errors[0];
}
