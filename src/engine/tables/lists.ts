import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Ledger } from '../../flows/run/ledger.ts';
import { asPromotion } from './promotions.ts';
import type { Store } from './store.ts';

export async function recentPromotions(
  store: Store,
  filter: Parameters<Ledger['recent']>[0],
): Promise<readonly Promotion[]> {
  if (filter.states?.length === 0) return [];
  const rows = await store.read((db) => {
    let query = db.selectFrom('promotions').selectAll();
    if (filter.service !== undefined) query = query.where('service', '=', filter.service);
    if (filter.states) query = query.where('state', 'in', [...filter.states]);
    return query.orderBy('created_at', 'desc').orderBy('seq', 'desc').limit(filter.limit).execute();
  });
  return rows.map(asPromotion);
}

export function newestOf(
  store: Store,
  services: readonly string[],
): Promise<readonly Pick<Promotion, 'id' | 'service' | 'state'>[]> {
  if (services.length === 0) return Promise.resolve([]);
  return store.read((db) =>
    db
      .selectFrom(
        db
          .selectFrom('promotions')
          .select(['id', 'service', 'state', 'created_at', 'seq'])
          .distinctOn('service')
          .where('service', 'in', [...services])
          .orderBy('service')
          .orderBy('created_at', 'desc')
          .orderBy('seq', 'desc')
          .as('newest'),
      )
      .select(['id', 'service', 'state'])
      .orderBy('created_at', 'desc')
      .orderBy('seq', 'desc')
      .execute(),
  );
}
