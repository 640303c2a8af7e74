import { whenRefused } from '../../domain/refusals/refusal.ts';
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
    const isTold = await runs.send(run, message, key).then(() => true, whenRefused(false, 'run-unknown'));
    if (isTold) await ledger.delivered(key);
  }
}
