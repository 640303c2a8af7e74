import type { Promotion } from '../../domain/promotion.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { Claim } from '../ledger.ts';
import type { Message } from '../run.ts';
import { type Caller, leavingRow, type Office, sourceOf } from './office.ts';

/**
 * Claims what only one person may do. Who is first leaves their row with the claim; who is not is told whose
 * wish it was, and has a row of their own once that is refused.
 */
export async function claimOnce(
  office: Office,
  caller: Caller,
  { id, digest }: Promotion,
  { action, ...claim }: Omit<Claim, 'audit'> & { readonly action: string },
): Promise<{ readonly isFirst: boolean; readonly wish: Message }> {
  const { kind: _kind, ...detail } = claim.wish;
  const claimed = await office.ledger.claim(id, {
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
export function alreadyAsked(service: string, wish: Message): Refusal {
  const owner = 'by' in wish ? { owner: wish.by } : {};
  return new Refusal('already-asked', { service, what: wish.kind, ...owner });
}
