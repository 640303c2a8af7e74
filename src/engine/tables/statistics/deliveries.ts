import type { Promotion } from '../../../domain/promotion/promotion.ts';
import { deliveryOf } from '../../../domain/statistics/delivery.ts';
import type { DeliveryStore } from '../../../flows/run/ledger.ts';
import type { Store, Tx } from '../store.ts';
import { storable } from '../store.ts';

/** So many are read for the figures of a service at most. */
const MOST = 100_000;

/** Stores what a promotion has delivered by now. */
export async function rememberDelivery(tx: Tx, promotion: Promotion): Promise<void> {
  const delivery = deliveryOf(promotion);
  if (delivery === null) return;
  const { service, version, at, commits, rolledBack, mends } = delivery;
  const restoredAt = rolledBack?.restoredAt ?? null;
  const row = {
    version: storable(version),
    at: new Date(at),
    commits: commits === undefined ? null : [...commits],
    rolled_back: rolledBack !== undefined,
    restored_at: restoredAt === null ? null : new Date(restoredAt),
    mends: mends ?? null,
  };
  await tx
    .insertInto('deliveries')
    .values({ promotion_id: promotion.id, service, ...row })
    .onConflict((conflict) => conflict.column('promotion_id').doUpdateSet(row))
    .execute();
}

/** The part of the ledger that is about what reached production. */
export function deliveriesOf(store: Store): DeliveryStore {
  return {
    deliveredOrBack: (sinceMs) => {
      const since = new Date(sinceMs);
      return store.read((db) =>
        db
          .selectFrom('deliveries')
          .innerJoin('promotions', 'promotions.id', 'deliveries.promotion_id')
          .select(['promotions.id', 'promotions.service', 'promotions.state'])
          .where(({ eb, or }) =>
            or([eb('deliveries.at', '>=', since), eb('deliveries.restored_at', '>=', since)]),
          )
          .orderBy('deliveries.at')
          .execute(),
      );
    },
    deliveries: async (service, sinceMs) => {
      const rows = await store.read((db) =>
        db
          .selectFrom('deliveries')
          .selectAll()
          .where('service', '=', service)
          .where('at', '>=', new Date(sinceMs))
          .orderBy('at')
          .limit(MOST)
          .execute(),
      );
      return rows.map((row) => ({
        promotion: row.promotion_id,
        service: row.service,
        version: row.version,
        at: row.at.getTime(),
        ...(row.commits === null ? {} : { commits: row.commits }),
        ...(row.rolled_back ? { rolledBack: { restoredAt: row.restored_at?.getTime() ?? null } } : {}),
        ...(row.mends === null ? {} : { mends: row.mends }),
      }));
    },
  };
}
