import type { AuditAction } from '../../domain/audit/actions.ts';
import { type Promotion, runOf } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Claim } from '../run/ledger.ts';
import type { RunMessage } from '../run/port.ts';
import { deliver } from './deliver.ts';
import type { AuditedRequest, RequestContext } from './request.ts';

/**
 * Does what the first person decides for all: claims it and sends the message to the run. The row of the audit is written
 * with the claim. Whoever is not first is refused with `already-asked`, which names who was.
 */
export async function tellRunOnce(
  requests: RequestContext,
  request: AuditedRequest,
  promotion: Promotion,
  claim: Parameters<typeof claimOnce>[3],
): Promise<void> {
  const { isFirst, message } = await claimOnce(requests, request, promotion, claim);
  await deliver(requests, { run: runOf(promotion) });
  if (!isFirst) throw alreadyAsked(promotion.service, message);
}

async function claimOnce(
  requests: RequestContext,
  request: AuditedRequest,
  { id, digest }: Promotion,
  { action, ...claim }: Omit<Claim, 'audit'> & { readonly action: AuditAction },
): Promise<{ readonly isFirst: boolean; readonly message: RunMessage }> {
  const { kind: _kind, ...detail } = claim.message;
  const claimed = await requests.ledger.claim(id, {
    ...claim,
    audit: {
      actor: request.user,
      action,
      result: 'done',
      source: request.source,
      digestBefore: digest,
      digestAfter: digest,
      detail,
    },
  });
  if (claimed.isFirst) request.markStored();
  return claimed;
}

function alreadyAsked(service: string, message: RunMessage): Refusal {
  const owner = 'by' in message ? { owner: message.by } : {};
  return new Refusal('already-asked', { service, what: message.kind, ...owner });
}
