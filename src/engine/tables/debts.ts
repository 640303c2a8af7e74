import type { Selectable } from 'kysely';
import type { AuditSource } from '../../domain/audit/entry.ts';
import type { Debt } from '../../domain/policy/override.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { ThreadNews } from '../../flows/run/ledger.ts';
import { appendAudit } from './audit.ts';
import { lockPromotion, touchPromotion } from './promotions.ts';
import { debtsIn } from './proof/proven-overrides.ts';
import type { Tables } from './schema.ts';
import type { Session, Store } from './store.ts';
import { tellThread } from './thread/told.ts';

/** Those that the audit proves, and that nobody acknowledged by it, whatever their rows say. */
export function openDebts(store: Store): Promise<readonly Debt[]> {
  return store.snapshot(async (db) => {
    const rows = await db.selectFrom('debts').selectAll().orderBy('seq').execute();
    return openIn(db, rows);
  });
}

async function openIn(
  session: Session,
  rows: readonly Selectable<Tables['debts']>[],
): Promise<readonly Debt[]> {
  const debts = await debtsIn(session, rows.map(asDebt));
  return debts.filter(({ acknowledged }) => acknowledged === undefined);
}

export function acknowledgeDebts(
  store: Store,
  id: string,
  by: string,
  source: AuditSource | undefined,
  told: ((settled: readonly Debt[]) => ThreadNews) | undefined,
  at: number,
): Promise<readonly Debt[]> {
  return store.write(async (tx) => {
    const promotion = await lockPromotion(tx, id);
    const { service, data } = promotion;
    const rows = await tx
      .selectFrom('debts')
      .selectAll()
      .where('promotion_id', '=', id)
      .orderBy('seq')
      .execute();
    const open = await openIn(tx, rows);
    if (open.length === 0) throw new Refusal('debt-settled', { service });
    const theirs = open.filter((debt) => debt.by !== by);
    if (theirs.length === 0) throw new Refusal('debt-own', { service });

    const acknowledged = { by, at };
    for (const debt of theirs) {
      await tx
        .updateTable('debts')
        .set({ person: debt.by, acknowledged_by: by, acknowledged_at: new Date(at) })
        .where('id', '=', debt.id)
        .execute();
    }
    const ids = theirs.map((debt) => debt.id);
    const overrides = (data.overrides ?? []).map((one) =>
      ids.includes(one.id) ? { ...one, acknowledged } : one,
    );
    await touchPromotion(tx, promotion, at, { ...data, overrides });
    for (const debt of theirs) {
      await appendAudit(
        tx,
        {
          actor: by,
          action: 'debt.acknowledged',
          result: 'done',
          service,
          promotionId: id,
          ...(source ? { source } : {}),
          detail: { debt: debt.id, owner: debt.by, reason: debt.reason },
        },
        at,
      );
    }
    const settled = theirs.map((debt) => ({ ...debt, acknowledged }));
    await tellThread(tx, id, told?.(settled), at);
    return settled;
  });
}

function asDebt(row: Selectable<Tables['debts']>): Debt {
  return {
    id: row.id,
    promotionId: row.promotion_id,
    service: row.service,
    by: row.person,
    reason: row.reason,
    over: row.over,
    at: row.since.getTime(),
    due: row.due.getTime(),
    ...(row.acknowledged_by === null || row.acknowledged_at === null
      ? {}
      : { acknowledged: { by: row.acknowledged_by, at: row.acknowledged_at.getTime() } }),
  };
}
