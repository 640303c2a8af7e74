import type { Ledger } from '../../flows/run/ledger.ts';
import { asPromotion } from './promotions.ts';
import type { Store } from './store.ts';

/** The part of the ledger that lists promotions. */
export function listsOf(store: Store): Pick<Ledger, 'recent' | 'newestOf'> {
  return {
    recent: async ({ service, states, limit, skip = 0 }) => {
      if (states?.length === 0) return [];
      const rows = await store.read((db) => {
        let query = db.selectFrom('promotions').selectAll();
        if (service !== undefined) query = query.where('service', '=', service);
        if (states) query = query.where('state', 'in', [...states]);
        return query.orderBy('created_at', 'desc').orderBy('seq', 'desc').limit(limit).offset(skip).execute();
      });
      return rows.map(asPromotion);
    },
    newestOf: async (services) => {
      if (services.length === 0) return [];
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
    },
  };
}
