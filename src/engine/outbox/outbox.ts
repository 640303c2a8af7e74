import { sql, type Transaction, type UpdateQueryBuilder, type UpdateResult } from 'kysely';
import type pg from 'pg';
import type { Logger } from 'pino';
import type { Outbox } from '../../adapters/slack/port.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { AuditSigner } from '../audit/signer.ts';
import { asPromotion } from '../tables/promotions.ts';
import type { Tables } from '../tables/schema.ts';
import { ofKnownPromotion, Store } from '../tables/store.ts';
import { markStale, notifyOutbox, OUTBOX_CHANNEL, putNotice, waitingWork } from '../tables/thread/told.ts';
import { SharedSession } from './shared-session.ts';
import { Threads } from './thread-lock.ts';
import { WorkListener } from './work-listener.ts';

/** So many promotions at once are announced to those who deliver. */
const MOST_AT_ONCE = 1_000;

/** The outbox of cards and notices on PostgreSQL. */
export function createOutbox(options: {
  readonly database: { readonly url: string; readonly pool: pg.Pool };
  readonly now: () => number;
  readonly log: Logger;
  readonly pollMs?: number;
  /** With it, votes that it has not signed for are shown as none. */
  readonly signer?: AuditSigner;
}): Outbox {
  const { database, now, log, pollMs } = options;
  const store = new Store(database.pool);
  const threads = new Threads(new SharedSession(database.pool, options.signer));
  const listener = new WorkListener({
    url: database.url,
    channel: OUTBOX_CHANNEL,
    log,
    waiting: () => waiting(store, MOST_AT_ONCE),
    pollMs,
  });

  return {
    put: (promotionId, key, notice) =>
      ofKnownPromotion(promotionId, () =>
        store.write((tx) => putNotice(tx, promotionId, { key, notice }, now())),
      ),
    markStale: (promotionId) => store.write((tx) => markStale(tx, promotionId, now())),
    waiting: (limit) => waiting(store, limit),
    withThread: (promotionId, work) => threads.hold(promotionId, work),
    byThread: (channel, ts) => promotionOfThread(store, channel, ts),
    clockAhead: () => clockAhead(store),
    noteCalls: (key, change) => noteCalls(store, key, change),
    cardOf: (promotionId) => cardOf(store, promotionId),
    messageGone: (channel, ts) =>
      forgetCard(store, now(), (cards) => cards.where('channel', '=', channel).where('ts', '=', ts)),
    channelMoved: (from, to) => store.write((tx) => moveChannel(tx, from, to)),
    movedChannels: async () => {
      const rows = await store.read((db) => db.selectFrom('moved_channels').selectAll().execute());
      return new Map(rows.map((row) => [row.old, row.new]));
    },
    cardMayBeGone: (id) => forgetCard(store, now(), (cards) => cards.where('promotion_id', '=', id)),
    onWork: (callback) => listener.on(callback),
  };
}

/** Promotions with a stale card or an unsent notice; who waits longest comes first. */
async function waiting(store: Store, limit: number): Promise<readonly string[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom(waitingWork(db))
      .select(['promotion_id'])
      .groupBy('promotion_id')
      .orderBy((eb) => eb.fn.min('since'))
      .orderBy('promotion_id')
      .limit(limit)
      .execute(),
  );
  return rows.map((row) => row.promotion_id);
}

async function promotionOfThread(store: Store, channel: string, ts: string): Promise<Promotion | null> {
  const row = await store.read((db) =>
    db
      .selectFrom('cards')
      .innerJoin('promotions', 'promotions.id', 'cards.promotion_id')
      .selectAll('promotions')
      .where('cards.channel', '=', channel)
      .where('cards.ts', '=', ts)
      .executeTakeFirst(),
  );
  return row ? asPromotion(row) : null;
}

async function cardOf(store: Store, promotionId: string): ReturnType<Outbox['cardOf']> {
  const row = await store.read((db) =>
    db
      .selectFrom('cards')
      .select(['channel', 'ts'])
      .where('promotion_id', '=', promotionId)
      .executeTakeFirst(),
  );
  return row?.ts ? { channel: row.channel, ts: row.ts } : null;
}

/** A card without a hash is sent again, and Slack's answer tells whether it is still there. */
function forgetCard(store: Store, at: number, which: (cards: CardUpdate) => CardUpdate): Promise<void> {
  return store.write(async (tx) => {
    const update = tx.updateTable('cards').set({
      hash: sql<string | null>`case when hash is not null then '' end`,
      wanted: sql`wanted + 1`,
      stale_since: sql`coalesce(stale_since, ${new Date(at)}::timestamptz)`,
    });
    const card = await which(update)
      .where('ts', 'is not', null)
      .returning('promotion_id as id')
      .executeTakeFirst();
    if (card) await notifyOutbox(tx, card.id);
  });
}

async function moveChannel(tx: Transaction<Tables>, from: string, to: string): Promise<void> {
  // One that it had before is its own again.
  await tx.deleteFrom('moved_channels').where('old', '=', to).execute();
  await tx
    .insertInto('moved_channels')
    .values({ old: from, new: to })
    .onConflict((conflict) => conflict.column('old').doUpdateSet({ new: to }))
    .execute();
  await tx.updateTable('cards').set({ channel: to }).where('channel', '=', from).execute();
  await tx.updateTable('prompts').set({ channel: to }).where('channel', '=', from).execute();
  await tx.updateTable('prompts').set({ posted_in: to }).where('posted_in', '=', from).execute();
}

type CardUpdate = UpdateQueryBuilder<Tables, 'cards', 'cards', UpdateResult>;

/**
 * By the card that Slack posted last: its clock is the one that nobody sets back. Our time is that of the attempt, by the
 * database, so a slow answer counts as being ahead: by seconds at most.
 */
async function clockAhead(store: Store): Promise<number | null> {
  const row = await store.read((db) =>
    db
      .selectFrom('cards')
      .select(['ts', 'attempted_at'])
      .where(sql<boolean>`ts ~ '^[0-9.]+$'`)
      .where('attempted_at', 'is not', null)
      // Where another card may have been posted since, its time is not that of the attempt.
      .where('hash', 'is not', null)
      .orderBy(sql`ts::numeric`, 'desc')
      .limit(1)
      .executeTakeFirst(),
  );
  const ahead = Number(row?.ts) * 1_000 - (row?.attempted_at?.getTime() ?? 0);
  return Number.isFinite(ahead) ? ahead : null;
}

function noteCalls(
  store: Store,
  key: string,
  change: (times: readonly number[], now: number) => readonly number[],
): Promise<void> {
  return store.write(async (tx) => {
    await tx
      .insertInto('slack_calls')
      .values({ key })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const { times, now } = await tx
      .selectFrom('slack_calls')
      .select(['times', sql<Date>`clock_timestamp()`.as('now')])
      .where('key', '=', key)
      .forUpdate()
      .executeTakeFirstOrThrow();
    await tx
      .updateTable('slack_calls')
      .set({ times: [...change(times, now.getTime())] })
      .where('key', '=', key)
      .execute();
  });
}
