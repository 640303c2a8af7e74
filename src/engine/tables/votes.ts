import type { AuditEntry, AuditSource } from '../../domain/audit/entry.ts';
import type { Approval } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { appendAudit } from './audit.ts';
import { lockPromotion, movedOn } from './promotions.ts';
import type { Session, Store, Tx } from './store.ts';
import { storable } from './store.ts';

/** One valid vote per person: changing one's mind makes the earlier vote invalid. */
export function castVote(
  store: Store,
  id: string,
  vote: Omit<Approval, 'at' | 'valid'>,
  source: AuditSource | undefined,
  at: number,
): Promise<readonly Approval[]> {
  return store.write(async (tx) => {
    const promotion = await lockPromotion(tx, id);
    if (promotion.state !== 'awaiting-approval') throw movedOn(promotion);
    const facts = { promotion: id, service: promotion.service, state: promotion.state };
    if (promotion.digest !== vote.digest) throw new Refusal('digest-changed', facts);
    await replaceVote(tx, id, vote, at, facts);
    await tx
      .updateTable('promotions')
      .set({ revision: promotion.revision + 1, updated_at: new Date(at) })
      .where('id', '=', id)
      .execute();
    const approvals = await votesOf(tx, id);
    await appendAudit(tx, auditOf(promotion.service, id, vote, source), at);
    return approvals;
  });
}

export function withdrawVote(
  store: Store,
  id: string,
  by: string,
  source: AuditSource | undefined,
  at: number,
): Promise<readonly Approval[]> {
  return store.write(async (tx) => {
    const promotion = await lockPromotion(tx, id);
    if (promotion.state !== 'awaiting-approval') throw movedOn(promotion);
    const withdrawn = await tx
      .updateTable('approvals')
      .set({ valid: false })
      .where('promotion_id', '=', id)
      .where('voter', '=', by)
      .where('decision', '=', 'approve')
      .where('valid', '=', true)
      .returning('digest')
      .executeTakeFirst();
    if (!withdrawn) throw new Refusal('no-vote', { promotion: id, service: promotion.service });
    await tx
      .updateTable('promotions')
      .set({ revision: promotion.revision + 1, updated_at: new Date(at) })
      .where('id', '=', id)
      .execute();
    const { digest } = withdrawn;
    const entry = {
      actor: by,
      action: 'approval.withdrawn',
      result: 'done',
      service: promotion.service,
    } as const;
    const facts = { promotionId: id, digestBefore: digest, digestAfter: digest };
    await appendAudit(tx, { ...entry, ...facts, ...(source ? { source } : {}) }, at);
    return votesOf(tx, id);
  });
}

export async function votesOf(session: Session, id: string): Promise<readonly Approval[]> {
  const rows = await session
    .selectFrom('approvals')
    .selectAll()
    .where('promotion_id', '=', id)
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    by: row.voter,
    digest: row.digest,
    decision: row.decision,
    ...(row.reason === null ? {} : { reason: row.reason }),
    at: row.at.getTime(),
    valid: row.valid,
  }));
}

async function replaceVote(
  tx: Tx,
  id: string,
  vote: Omit<Approval, 'at' | 'valid'>,
  at: number,
  facts: Readonly<Record<string, string>>,
): Promise<void> {
  const earlier = await tx
    .selectFrom('approvals')
    .select(['seq', 'decision'])
    .where('promotion_id', '=', id)
    .where('voter', '=', vote.by)
    .where('valid', '=', true)
    .executeTakeFirst();
  if (earlier?.decision === vote.decision) {
    throw new Refusal('already-voted', { ...facts, by: vote.by, decision: vote.decision });
  }
  if (earlier) {
    await tx.updateTable('approvals').set({ valid: false }).where('seq', '=', earlier.seq).execute();
  }
  await tx
    .insertInto('approvals')
    .values({
      promotion_id: id,
      voter: vote.by,
      digest: vote.digest,
      decision: vote.decision,
      reason: vote.reason === undefined ? null : storable(vote.reason),
      at: new Date(at),
      valid: true,
    })
    .execute();
}

function auditOf(
  service: string,
  promotionId: string,
  vote: Omit<Approval, 'at' | 'valid'>,
  source: AuditSource | undefined,
): AuditEntry {
  return {
    actor: vote.by,
    action: vote.decision === 'approve' ? 'approval.given' : 'approval.declined',
    result: 'done',
    service,
    promotionId,
    ...(source ? { source } : {}),
    digestBefore: vote.digest,
    digestAfter: vote.digest,
    ...(vote.reason === undefined ? {} : { detail: { reason: vote.reason } }),
  };
}
