import { sql } from 'kysely';
import type { Ledger } from '../../flows/run/ledger.ts';
import type { Session, Store, Tx } from './store.ts';

const REMEMBERED_MS = 86_400_000;

/** The part of the ledger that is about those who wait for a service. */
export function queueOf(
  store: Store,
  now: () => number,
): Pick<Ledger, 'joinQueue' | 'firstInQueue' | 'leaveQueue' | 'waitedFor'> {
  return {
    joinQueue: (service, person, wish) =>
      store.write(async (tx) => {
        const json = wish === undefined ? null : JSON.stringify(wish);
        await tx
          .insertInto('queue')
          .values({ service, person, wish: json })
          .onConflict((conflict) =>
            conflict
              .columns(['service', 'person'])
              .where('called_at', 'is', null)
              .doUpdateSet({ wish: sql`coalesce(excluded.wish, queue.wish)` }),
          )
          .execute();
        const queue = await waitingIn(tx, service).select('person').execute();
        return queue.findIndex((one) => one.person === person) + 1;
      }),
    firstInQueue: async (service, pauseMs = 0) => {
      const calledBefore = new Date(now() - pauseMs);
      const first = await store.read((db) =>
        waitingIn(db, service)
          .select(['seq', 'person', 'wish'])
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('queue as other')
                  .select('other.seq')
                  .where('other.service', '=', service)
                  .where('other.called_at', '>', calledBefore),
              ),
            ),
          )
          .limit(1)
          .executeTakeFirst(),
      );
      if (!first) return null;
      return { id: first.seq, user: first.person, ...(first.wish === null ? {} : { wish: first.wish }) };
    },
    leaveQueue: ({ id }) => leaveQueue(store, id, now()),
    waitedFor: async () => {
      const rows = await store.read((db) =>
        db
          .selectFrom('queue')
          .select('service')
          .distinct()
          .where('called_at', 'is', null)
          .orderBy('service')
          .execute(),
      );
      return rows.map((row) => row.service);
    },
  };
}

/** Who was not called yet, in their order. */
function waitingIn(db: Session, service: string) {
  return db.selectFrom('queue').where('service', '=', service).where('called_at', 'is', null).orderBy('seq');
}

/** A person has what they waited for. */
export async function leaveQueueBy(tx: Tx, service: string, person: string): Promise<void> {
  await tx
    .deleteFrom('queue')
    .where('service', '=', service)
    .where('person', '=', person)
    .where('called_at', 'is', null)
    .execute();
}

/** Removes a person from the queue. For a day it is kept when they were called; see `firstInQueue`. */
function leaveQueue(store: Store, id: string, at: number): Promise<void> {
  return store.write(async (tx) => {
    await tx
      .updateTable('queue')
      .set({ called_at: new Date(at) })
      .where('seq', '=', id)
      .where('called_at', 'is', null)
      .execute();
    await tx
      .deleteFrom('queue')
      .where('called_at', '<', new Date(at - REMEMBERED_MS))
      .execute();
  });
}
