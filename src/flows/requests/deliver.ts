import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Undelivered } from '../run/ledger.ts';
import type { RequestContext } from './request.ts';

/**
 * Gives runs what they were told, as it was stored with the decision: whoever dies in between, another one delivers it.
 * What is for a run that has not begun waits until it has.
 */
export async function deliver(
  { ledger, runs }: Pick<RequestContext, 'ledger' | 'runs'>,
  which: Undelivered,
): Promise<void> {
  for (const { run, message, key } of await ledger.undelivered(which)) {
    try {
      await runs.send(run, message, key);
    } catch (error) {
      if (error instanceof Refusal && error.code === 'run-unknown') continue;
      throw error;
    }
    await ledger.delivered(key);
  }
}
