import { sql } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Outbox } from '../../adapters/slack/port.ts';
import { asPromotion } from '../tables/promotions.ts';
import type { Tx } from '../tables/store.ts';
import { known, Store, storable, unknownPromotion } from '../tables/store.ts';
import { listen } from './listen.ts';
import { SharedSession } from './shared-session.ts';
import { Threads } from './thread-lock.ts';

const CHANNEL = 'slipway_outbox';
/** Notifications that were lost with a connection are made up for this often. */
const POLL_MS = 15_000;

/** The outbox of cards and notices on PostgreSQL. */
export function createOutbox(options: {
  readonly database: { readonly url: string; readonly pool: pg.Pool };
  readonly now: () => number;
  readonly log: Logger;
  readonly pollMs?: number;
}): Outbox {
  const { database, now, log, pollMs = POLL_MS } = options;
  const store = new Store(database.pool);
  const threads = new Threads(new SharedSession(database.pool));

  const waiting = async (limit: number): Promise<readonly string[]> => {
    const rows = await store.read((db) =>
      db
        .selectFrom(
          db
            .selectFrom('cards')
            .select(['promotion_id', 'stale_since as since'])
            .where('stale_since', 'is not', null)
            .unionAll(
              db
                .selectFrom('notices')
                .select(['promotion_id', 'created_at as since'])
                .where('ts', 'is', null),
            )
            .as('work'),
        )
        .select(['promotion_id'])
        .groupBy('promotion_id')
        .orderBy((eb) => eb.fn.min('since'))
        .orderBy('promotion_id')
        .limit(limit)
        .execute(),
    );
    return rows.map((row) => row.promotion_id);
  };

  // One connection listens for all who want to know.
  const callbacks = new Set<(promotionId: string) => void>();
  let deafen: (() => void) | null = null;
  const tell = (promotionId: string) => {
    for (const callback of callbacks) callback(promotionId);
  };
  const lookAround = async () => {
    try {
      for (const id of await waiting(100)) tell(id);
    } catch (error) {
      log.debug({ reason: (error as Error).message }, 'cannot look for what is to be delivered');
    }
  };
  const hear = () => {
    // What happened while nobody listened is looked for.
    const onListening = () => void lookAround();
    const end = listen({ url: database.url, channel: CHANNEL, log, onMessage: tell, onListening });
    const timer = setInterval(() => void lookAround(), pollMs);
    timer.unref();
    return () => {
      clearInterval(timer);
      end();
    };
  };

  return {
    put: (promotionId, key, notice) =>
      known(promotionId, () =>
        store.write(async (tx) => {
          await tx
            .insertInto('notices')
            .values({
              promotion_id: promotionId,
              key: storable(key),
              notice: JSON.stringify(notice),
              created_at: new Date(now()),
              ts: null,
            })
            .onConflict((conflict) => conflict.doNothing())
            .execute();
          await notify(tx, promotionId);
        }),
      ),

    markStale: (promotionId) =>
      store.write(async (tx) => {
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
                cast<Date>(val(new Date(now())), 'timestamptz').as('stale_since'),
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
        await notify(tx, promotionId);
      }),

    waiting,
    withThread: (promotionId, work) => threads.hold(promotionId, work),

    byThread: (channel, ts) =>
      store.read(async (db) => {
        const row = await db
          .selectFrom('cards')
          .innerJoin('promotions', 'promotions.id', 'cards.promotion_id')
          .selectAll('promotions')
          .where('cards.channel', '=', channel)
          .where('cards.ts', '=', ts)
          .executeTakeFirst();
        return row ? asPromotion(row) : null;
      }),

    cardOf: (promotionId) =>
      store.read(async (db) => {
        const row = await db
          .selectFrom('cards')
          .select(['channel', 'ts'])
          .where('promotion_id', '=', promotionId)
          .executeTakeFirst();
        return row?.ts ? { channel: row.channel, ts: row.ts } : null;
      }),

    onWork: (callback) => {
      callbacks.add(callback);
      deafen ??= hear();
      return () => {
        callbacks.delete(callback);
        if (callbacks.size > 0) return;
        deafen?.();
        deafen = null;
      };
    },
  };
}

/** Sent with the commit, so whoever hears it finds what was stored. */
async function notify(tx: Tx, promotionId: string): Promise<void> {
  await sql`select pg_notify(${CHANNEL}, ${promotionId})`.execute(tx);
}
