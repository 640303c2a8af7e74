import type { AuditAction } from '../../domain/audit/actions.ts';
import { type Promotion, runOf } from '../../domain/promotion/promotion.ts';
import { Refusal, whenRefused } from '../../domain/refusals/refusal.ts';
import type { Claim, Undelivered } from '../run/ledger.ts';
import type { AuditedRequest, RequestContext } from './request.ts';

/**
 * Does what the first person decides for all: claims it and sends the message to the run. The row of the audit is written
 * with the claim. Whoever is not first is refused with `already-asked`, which names who was.
 */
export async function tellRunOnce(
  requests: RequestContext,
  request: AuditedRequest,
  promotion: Promotion,
  { action, ...claim }: Omit<Claim, 'audit'> & { readonly action: AuditAction },
): Promise<void> {
  const { id, service, digest } = promotion;
  const { kind: _kind, ...detail } = claim.message;
  const audit = request.row(action, detail, digest);
  const { isFirst, message } = await requests.ledger.claim(id, { ...claim, audit });
  if (isFirst) request.markStored();
  await deliver(requests, { run: runOf(promotion) });
  if (isFirst) return;
  const owner = 'by' in message ? { owner: message.by } : {};
  throw new Refusal('already-asked', { service, what: message.kind, ...owner });
}

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
