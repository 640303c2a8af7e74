import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { AuditSource } from '../../domain/audit/entry.ts';
import {
  EVERYTHING,
  type Lock,
  lockAudit,
  lockOver,
  unlockAudit,
  type WantedLock,
} from '../../domain/policy/lock.ts';
import { WAITING_STATES } from '../../domain/promotion/promotion.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { LockStore, ThreadNews } from '../../flows/run/ledger.ts';
import { appendAudit } from './audit.ts';
import { storeMessage } from './decisions/messages.ts';
import { asPromotion, lockPromotion, touchPromotion } from './promotions.ts';
import type { Tables } from './schema.ts';
import { type Session, type Store, storable, type Tx } from './store.ts';
import { tellThread } from './thread/told.ts';

/** The part of the ledger that is about locks. */
export function locksOf(store: Store, now: () => number): LockStore {
  return {
    lock: (wanted, source) =>
      withLock(store, wanted.service, now(), (tx, present, at) => {
        if (present && present.owner !== wanted.owner) throw heldBy(present);
        return put(tx, present, wanted, source, at);
      }),
    unlock: (service, by, source, since, because, told) =>
      withLock(store, service, now(), async (tx, lock, at) => {
        if (!lock) throw new Refusal('not-locked', { service });
        if (since !== undefined && since !== lock.since) {
          throw new Refusal('lock-changed', { service, owner: lock.owner, reason: lock.reason });
        }
        await tx.deleteFrom('locks').where('service', '=', service).execute();
        await appendAudit(tx, unlockAudit(lock, by, source, because), at);
        await tellWaiting(tx, lock, by, 'unlocked');
        await settleRollback(tx, lock, told?.(lock), at);
        return lock;
      }),
    lockOf: (service) => store.read((db) => inForce(db, service, now())),
    locks: async () => {
      const rows = await store.read((db) => db.selectFrom('locks').selectAll().orderBy('since').execute());
      return rows.filter((row) => isInForce(row, now())).map(asLock);
    },
    stealLock: (wanted, source, over, told) =>
      withLock(store, wanted.service, now(), async (tx, from, at) => {
        if (over !== undefined && from !== null && from.since !== over?.since) throw heldBy(from);
        const lock = await put(tx, from, wanted, source, at);
        if (from?.promotionId !== undefined) await tellThread(tx, from.promotionId, told?.(lock, from), at);
        return { lock, from };
      }),
  };
}

/**
 * Does the work with the lock that is in force, while nobody else changes that of the service: its name is locked for
 * the rest of the transaction, as there may be no row yet that could be locked.
 */
function withLock<T>(
  store: Store,
  service: string,
  at: number,
  work: (tx: Tx, present: Lock | null, at: number) => Promise<T>,
): Promise<T> {
  return store.write(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('slipway lock'), hashtext(${service}))`.execute(tx);
    return work(tx, await inForce(tx, service, at), at);
  });
}

function heldBy({ service, owner, reason, until }: Lock): Refusal {
  return new Refusal('locked', { service, owner, reason, ...(until === undefined ? {} : { until }) });
}

async function put(
  tx: Tx,
  standing: Lock | null,
  wanted: WantedLock,
  source: AuditSource | undefined,
  at: number,
): Promise<Lock> {
  const { owner, reason, promotionId, until } = lockOver(standing, wanted);
  const row = {
    owner,
    reason: storable(reason),
    promotion_id: promotionId ?? null,
    since: new Date(at),
    until: until === undefined ? null : new Date(until),
  };
  await tx
    .insertInto('locks')
    .values({ service: wanted.service, ...row })
    .onConflict((conflict) => conflict.column('service').doUpdateSet(row))
    .execute();
  const lock = asLock({ service: wanted.service, ...row });
  await appendAudit(tx, lockAudit(lock, standing, source), at);
  await tellWaiting(tx, lock, owner, 'locked');
  return lock;
}

/** Promotions that wait for people or for a gate are told to look again, in the transaction of the lock. */
async function tellWaiting(
  tx: Tx,
  { service, since }: Lock,
  by: string,
  what: 'locked' | 'unlocked',
): Promise<void> {
  const rows = await tx
    .selectFrom('promotions')
    .selectAll()
    .where('state', 'in', [...WAITING_STATES])
    .$if(service !== EVERYTHING, (query) => query.where('service', '=', service))
    .execute();
  for (const promotion of rows.map(asPromotion)) {
    const key = `${promotion.id}:${what}:${service}:${since}`;
    await storeMessage(tx, promotion, { message: { kind: 'recheck', by }, key });
  }
}

/** The card of the rollback that made the lock offers no more to take it off. */
async function settleRollback(
  tx: Tx,
  { promotionId }: Lock,
  told: ThreadNews | undefined,
  at: number,
): Promise<void> {
  if (promotionId === undefined) return;
  const promotion = await lockPromotion(tx, promotionId);
  await touchPromotion(tx, promotion, at, { ...promotion.data, unlocked: true });
  await tellThread(tx, promotionId, told, at);
}

async function inForce(db: Session, service: string, at: number): Promise<Lock | null> {
  const row = await db.selectFrom('locks').selectAll().where('service', '=', service).executeTakeFirst();
  return row && isInForce(row, at) ? asLock(row) : null;
}

function isInForce(row: Selectable<Tables['locks']>, at: number): boolean {
  return row.until === null || row.until.getTime() > at;
}

function asLock(row: Selectable<Tables['locks']>): Lock {
  return {
    service: row.service,
    owner: row.owner,
    reason: row.reason,
    ...(row.promotion_id === null ? {} : { promotionId: row.promotion_id }),
    since: row.since.getTime(),
    ...(row.until === null ? {} : { until: row.until.getTime() }),
  };
}
