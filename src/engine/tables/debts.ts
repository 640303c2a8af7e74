import type { Selectable } from 'kysely';
import type { AuditSource } from '../../domain/audit/entry.ts';
import type { Debt } from '../../domain/policy/override.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { appendAudit } from './audit.ts';
import { lockPromotion } from './promotions.ts';
import type { Tables } from './schema.ts';
import type { Store } from './store.ts';

export async function openDebts(store: Store): Promise<readonly Debt[]> {
  const rows = await store.read((db) =>
    db.selectFrom('debts').selectAll().where('acknowledged_by', 'is', null).orderBy('seq').execute(),
  );
  return rows.map(asDebt);
}

export function acknowledgeDebts(
  store: Store,
  id: string,
  by: string,
  source: AuditSource | undefined,
  at: number,
): Promise<readonly Debt[]> {
  return store.write(async (tx) => {
    const promotion = await lockPromotion(tx, id);
    const { service, data } = promotion;
    const open = await tx
      .selectFrom('debts')
      .selectAll()
      .where('promotion_id', '=', id)
      .where('acknowledged_by', 'is', null)
      .orderBy('seq')
      .execute();
    if (open.length === 0) throw new Refusal('debt-settled', { service });
    const theirs = open.filter((row) => row.person !== by);
    if (theirs.length === 0) throw new Refusal('debt-own', { service });

    const ids = theirs.map((row) => row.id);
    const acknowledged = { by, at };
    await tx
      .updateTable('debts')
      .set({ acknowledged_by: by, acknowledged_at: new Date(at) })
      .where('id', 'in', ids)
      .execute();
    const overrides = (data.overrides ?? []).map((one) =>
      ids.includes(one.id) ? { ...one, acknowledged } : one,
    );
    await tx
      .updateTable('promotions')
      .set({
        revision: promotion.revision + 1,
        updated_at: new Date(at),
        data: JSON.stringify({ ...data, overrides }),
      })
      .where('id', '=', id)
      .execute();
    for (const row of theirs) {
      await appendAudit(
        tx,
        {
          actor: by,
          action: 'debt.acknowledged',
          result: 'done',
          service,
          promotionId: id,
          ...(source ? { source } : {}),
          detail: { debt: row.id, owner: row.person, reason: row.reason },
        },
        at,
      );
    }
    return theirs.map((row) => ({ ...asDebt(row), acknowledged }));
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
  };
}
