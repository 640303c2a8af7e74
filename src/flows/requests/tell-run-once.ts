import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Claim } from '../run/ledger.ts';
import type { Message } from '../run/port.ts';
import { type Caller, leavingRow, type RequestContext, runOf, sourceOf } from './request.ts';

/**
 * Does what only one person may do: claims it and tells the run. Who is first leaves their row with the claim;
 * who is not is refused with `already-asked` and whose wish it was. Also then the wish of who was first goes out,
 * should it have been lost on the way: delivered twice it counts once.
 */
export async function tellRunOnce(
  requests: RequestContext,
  caller: Caller,
  promotion: Promotion,
  claim: Parameters<typeof claimOnce>[3],
): Promise<void> {
  const { isFirst, wish } = await claimOnce(requests, caller, promotion, claim);
  await requests.runs.send(runOf(promotion), wish, `${wish.kind}:${promotion.id}:${claim.key}`);
  if (!isFirst) throw alreadyAsked(promotion.service, wish);
}

async function claimOnce(
  requests: RequestContext,
  caller: Caller,
  { id, digest }: Promotion,
  { action, ...claim }: Omit<Claim, 'audit'> & { readonly action: string },
): Promise<{ readonly isFirst: boolean; readonly wish: Message }> {
  const { kind: _kind, ...detail } = claim.wish;
  const claimed = await requests.ledger.claim(id, {
    ...claim,
    audit: {
      actor: caller.user,
      action,
      result: 'done',
      source: sourceOf(caller),
      digestBefore: digest,
      digestAfter: digest,
      detail,
    },
  });
  if (claimed.isFirst) await leavingRow(caller, async () => undefined);
  return claimed;
}

/** Somebody was faster with the same wish. */
function alreadyAsked(service: string, wish: Message): Refusal {
  const owner = 'by' in wish ? { owner: wish.by } : {};
  return new Refusal('already-asked', { service, what: wish.kind, ...owner });
}
