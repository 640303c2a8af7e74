import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import type { Ports } from '../run/ports.ts';

/**
 * A rollback stays rolled back: nobody ships until a person unlocks the service. A lock that somebody has is taken
 * over with its reason in the new one, so that whoever unlocks reads both; the thread tells its owner.
 */
export async function lockAfterRollback(
  { ledger, slack, service: { name: service } }: Ports,
  promotionId: string,
  order: RollbackOrder,
): Promise<void> {
  const owner = order.by ?? 'slipway';
  const standing = await ledger.lockOf(service);
  if (standing?.promotionId === promotionId) return;
  const before = standing === null ? '' : `; locked before: ${standing.reason}${untilOf(standing.until)}`;
  const reason = `Rolled back: ${withoutTrailing(order.reason, '.')}${before}`;
  if (standing && standing.owner !== owner) {
    const notice = { kind: 'lock-stolen', by: owner, from: standing.owner, reason } as const;
    await slack.say(promotionId, `lock-stolen:${standing.since}`, notice);
  }
  await ledger.stealLock({ service, owner, reason, promotionId });
}

function untilOf(until: number | undefined): string {
  return until === undefined
    ? ''
    : ` (until ${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC)`;
}
