import { sql } from 'kysely';
import type pg from 'pg';
import { OPEN_STATES } from '../../domain/promotion/promotion.ts';
import { Store } from '../tables/store.ts';

/** So many of the newest closed promotions are shown anew besides those that are open. */
const CLOSED = 100;

/**
 * After a restore Slack shows what came after the backup. Forgets what the cards of open promotions show, and of the
 * newest closed ones: whoever delivers sends them as they are stored now.
 */
export function forgetShownCards(pool: pg.Pool, at: Date): Promise<void> {
  return new Store(pool).write(async (tx) => {
    const ids = tx.selectFrom('promotions').select('id');
    const open = ids.where('state', 'in', [...OPEN_STATES]);
    const closed = ids
      .where('state', 'not in', [...OPEN_STATES])
      .orderBy('updated_at', 'desc')
      .limit(CLOSED);
    await tx
      .updateTable('cards')
      .set({
        hash: '',
        wanted: sql`wanted + 1`,
        stale_since: sql`coalesce(stale_since, ${at}::timestamptz)`,
      })
      .where('ts', 'is not', null)
      .where((eb) => eb.or([eb('promotion_id', 'in', open), eb('promotion_id', 'in', closed)]))
      .execute();
  });
}
