import type pg from 'pg';
import type { Logger } from 'pino';
import type { Ledger } from '../../flows/run/ledger.ts';
import { appendAudit, auditHash, auditRows, auditTrail, verifyAudit } from './audit.ts';
import { takeClaim } from './claims.ts';
import { acknowledgeDebts, openDebts } from './debts.ts';
import { lockInForce, releaseLock, stealLock, takeLock } from './locks.ts';
import { logNews } from './notify.ts';
import { offerMade, tryOffer } from './offers.ts';
import {
  changePromotion,
  findPromotion,
  openPromotion,
  openPromotionOf,
  recentPromotions,
} from './promotions.ts';
import { firstInQueue, joinQueue, leaveQueue, waitedFor } from './queue.ts';
import { hashed, known, Store, unknownPromotion } from './store.ts';
import { castVote, votesOf, withdrawVote } from './votes.ts';

const DAY_MS = 86_400_000;
/** How long a key is remembered. Slack repeats an event for an hour at most. */
const REMEMBERED_MS = 7 * DAY_MS;
const FORGET_EVERY = 500;

/**
 * The ledger on PostgreSQL. Throws Unavailable("the database") when it does not answer. With a log it has a line there
 * for everything that changes.
 */
export function createLedger(options: {
  readonly pool: pg.Pool;
  readonly now: () => number;
  readonly log?: Logger;
}): Ledger {
  const store = new Store(options.pool, options.log && logNews(options.log));
  const { now } = options;
  let keysSeen = 0;

  return {
    open: (promotion) => openPromotion(store, promotion, now()),
    async get(id) {
      const promotion = await findPromotion(store, id);
      if (!promotion) throw unknownPromotion(id);
      return promotion;
    },
    openFor: (service) => openPromotionOf(store, service),
    recent: (filter) => recentPromotions(store, filter),
    change: (id, change) => changePromotion(store, id, change, now()),
    claim: (id, claim) => takeClaim(store, id, claim, now()),

    vote: (id, vote, source) => castVote(store, id, vote, source, now()),
    withdrawVote: (id, by, source) => withdrawVote(store, id, by, source, now()),
    approvals: (id) => store.read((db) => votesOf(db, id)),

    lock: (lock, source) => takeLock(store, lock, source, now()),
    unlock: (service, by, source, since) => releaseLock(store, { service, by, since }, source, now()),
    lockOf: (service) => lockInForce(store, service, now()),

    stealLock: (lock, source) => stealLock(store, lock, source, now()),

    joinQueue: (service, person, wish) => joinQueue(store, service, person, wish),
    firstInQueue: (service, pauseMs = 0) => firstInQueue(store, service, now() - pauseMs),
    leaveQueue: ({ id }) => leaveQueue(store, id, now()),
    waitedFor: () => waitedFor(store),

    openDebts: () => openDebts(store),
    acknowledge: (id, by, source) => acknowledgeDebts(store, id, by, source, now()),

    async addSamples(id, samples) {
      if (samples.length === 0) return;
      const rows = samples.map((sample) => ({
        promotion_id: id,
        phase: sample.phase,
        at: new Date(sample.at),
        sample: JSON.stringify(sample),
      }));
      await known(id, () =>
        store.write((tx) =>
          tx
            .insertInto('samples')
            .values(rows)
            .onConflict((conflict) => conflict.doNothing())
            .execute(),
        ),
      );
    },
    async samples(id) {
      const rows = await store.read((db) =>
        db
          .selectFrom('samples')
          .select('sample')
          .where('promotion_id', '=', id)
          .orderBy('at')
          .orderBy('seq')
          .execute(),
      );
      return rows.map((row) => row.sample);
    },

    async once(key) {
      const seenAt = new Date(now());
      const forgotten = new Date(now() - REMEMBERED_MS);
      keysSeen += 1;
      const tidy = keysSeen % FORGET_EVERY === 0;
      return store.write(async (tx) => {
        if (tidy) await tx.deleteFrom('once').where('seen_at', '<', forgotten).execute();
        const first = await tx
          .insertInto('once')
          .values({ key: hashed(key), seen_at: seenAt })
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet({ seen_at: seenAt }).where('once.seen_at', '<', forgotten),
          )
          .returning('key')
          .executeTakeFirst();
        return first !== undefined;
      });
    },

    tryOffer: (key, pauseMs) => tryOffer(store, key, now() - pauseMs, now()),
    offerMade: (key) => offerMade(store, key, now()),

    audit: (entry) => store.write((tx) => appendAudit(tx, entry, now())),
    auditTrail: (filter) => auditTrail(store, filter),
    auditHash: (seq) => auditHash(store, seq),
    auditRows: (filter) => auditRows(store, filter),
    verifyAudit: () => verifyAudit(store),
  };
}
