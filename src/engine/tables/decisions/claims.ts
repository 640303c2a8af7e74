import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { Claim } from '../../../flows/run/ledger.ts';
import type { RunMessage } from '../../../flows/run/port.ts';
import { appendAudit } from '../audit.ts';
import { lockPromotion, movedOn } from '../promotions.ts';
import type { Store } from '../store.ts';
import { storeMessage } from './messages.ts';

/** See `Ledger.claim`. The promotion is locked meanwhile, so that its state and turn are compared as they are. */
export function takeClaim(
  store: Store,
  id: string,
  claim: Claim,
  at: number,
): Promise<{ readonly isFirst: boolean; readonly message: RunMessage }> {
  return store.write(async (tx) => {
    const promotion = await lockPromotion(tx, id);
    const { service, state, turn } = promotion;
    if (!claim.from.includes(state)) throw movedOn(promotion);
    if (claim.turn !== undefined && claim.turn !== turn) {
      throw new Refusal('card-changed', { promotion: id, service, state });
    }
    const earlier = await tx
      .selectFrom('claims')
      .select('message')
      .where('promotion_id', '=', id)
      .where('key', '=', claim.key)
      .executeTakeFirst();
    if (earlier && !(claim.overrides && earlier.message.kind !== claim.message.kind)) {
      return { isFirst: false, message: earlier.message };
    }
    const message = JSON.stringify(claim.message);
    const when = new Date(at);
    await tx
      .insertInto('claims')
      .values({ promotion_id: id, key: claim.key, message, at: when })
      .onConflict((conflict) => conflict.columns(['promotion_id', 'key']).doUpdateSet({ message, at: when }))
      .execute();
    const key = `${claim.message.kind}:${id}:${claim.key}`;
    await storeMessage(tx, promotion, { message: claim.message, key });
    await appendAudit(tx, { ...claim.audit, service, promotionId: id }, at);
    return { isFirst: true, message: claim.message };
  });
}
