import { sql } from 'kysely';
import type { ThreadNews } from '../../../flows/run/ledger.ts';
import { type Session, storable, type Tx, unknownPromotion } from '../store.ts';

/** On which PostgreSQL says that there is something to deliver to Slack. */
export const OUTBOX_CHANNEL = 'slipway_outbox';

/** What the thread hears of what this transaction decides; its card is shown anew. */
export async function tellThread(tx: Tx, promotionId: string, told: ThreadNews | undefined, at: number) {
  if (told === undefined) return;
  await putNotice(tx, promotionId, told, at);
  await markStale(tx, promotionId, at);
}

/** To be sent to the thread, once for its key. */
export async function putNotice(tx: Tx, promotionId: string, { key, notice }: ThreadNews, at: number) {
  await tx
    .insertInto('notices')
    .values({
      promotion_id: promotionId,
      key: storable(key),
      notice: JSON.stringify(notice),
      created_at: new Date(at),
      ts: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await notifyOutbox(tx, promotionId);
}

/** The card is to be shown as the promotion is now. Refusal `promotion-unknown`. */
export async function markStale(tx: Tx, promotionId: string, at: number): Promise<void> {
  await tx
    .insertInto('cards')
    .columns(['promotion_id', 'channel', 'wanted', 'stale_since'])
    .expression((eb) =>
      eb
        .selectFrom('promotions')
        .select(({ val, cast }) => [
          'id',
          'channel',
          val(1).as('wanted'),
          cast<Date>(val(new Date(at)), 'timestamptz').as('stale_since'),
        ])
        .where('id', '=', promotionId),
    )
    .onConflict((conflict) =>
      conflict.column('promotion_id').doUpdateSet({
        wanted: sql`cards.wanted + 1`,
        stale_since: sql`coalesce(cards.stale_since, excluded.stale_since)`,
      }),
    )
    .returning('promotion_id')
    .executeTakeFirstOrThrow(() => unknownPromotion(promotionId));
  await notifyOutbox(tx, promotionId);
}

/** PostgreSQL sends it with the commit, so whoever hears it finds what was stored. */
export async function notifyOutbox(tx: Tx, promotionId: string): Promise<void> {
  await sql`select pg_notify(${OUTBOX_CHANNEL}, ${promotionId})`.execute(tx);
}

/** Cards and messages that still have to be sent, each with its promotion and since when. */
export function waitingWork(db: Session) {
  const notices = db
    .selectFrom('notices')
    .select(['promotion_id', 'created_at as since'])
    .where('ts', 'is', null);
  return db
    .selectFrom('cards')
    .select(['promotion_id', 'stale_since as since'])
    .where('stale_since', 'is not', null)
    .unionAll(notices)
    .as('work');
}
