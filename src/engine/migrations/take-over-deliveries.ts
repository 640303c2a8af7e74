import type pg from 'pg';
import { asPromotion } from '../tables/promotions.ts';
import { rememberDelivery } from '../tables/statistics/deliveries.ts';
import { Store } from '../tables/store.ts';

/** Promotions are looked at so many at a time. */
const PAGE = 100;

/**
 * Stores what was delivered before there were figures, a page at a time; what is stored stays, so that it can be called at
 * each start. Throws Unavailable("the database").
 */
export async function takeOverDeliveries(pool: pg.Pool): Promise<void> {
  const store = new Store(pool);
  for (let last = '0', isOver = false; !isOver; ) {
    const after = last;
    const rows = await store.write(async (tx) => {
      const found = await tx
        .selectFrom('promotions')
        .selectAll()
        .where('state', 'in', ['shipped', 'rolled-back'])
        .where('seq', '>', after)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('deliveries')
                .select('promotion_id')
                .whereRef('deliveries.promotion_id', '=', 'promotions.id'),
            ),
          ),
        )
        .orderBy('seq')
        .limit(PAGE)
        .execute();
      for (const row of found) await rememberDelivery(tx, asPromotion(row));
      return found;
    });
    last = rows.at(-1)?.seq ?? last;
    isOver = rows.length < PAGE;
  }
}
