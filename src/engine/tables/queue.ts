import { sql } from 'kysely';
import type { PlaceInQueue, QueuedRequest } from '../../flows/run/ledger.ts';
import type { Store } from './store.ts';

const REMEMBERED_MS = 86_400_000;

/** Puts a person in the queue, or their newest wish where they already are. */
export function joinQueue(
  store: Store,
  service: string,
  person: string,
  wish: QueuedRequest | undefined,
): Promise<number> {
  return store.write(async (tx) => {
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
    const queue = await tx
      .selectFrom('queue')
      .select('person')
      .where('service', '=', service)
      .where('called_at', 'is', null)
      .orderBy('seq')
      .execute();
    return queue.findIndex((one) => one.person === person) + 1;
  });
}

/** Null also when somebody was called after `calledBefore`, ms since the epoch. */
export async function firstInQueue(
  store: Store,
  service: string,
  calledBefore: number,
): Promise<PlaceInQueue | null> {
  const [first] = await store.read((db) =>
    db
      .selectFrom('queue')
      .select(['seq', 'person', 'wish'])
      .where('service', '=', service)
      .where('called_at', 'is', null)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('queue as other')
              .select('other.seq')
              .where('other.service', '=', service)
              .where('other.called_at', '>', new Date(calledBefore)),
          ),
        ),
      )
      .orderBy('seq')
      .limit(1)
      .execute(),
  );
  if (!first) return null;
  return { id: first.seq, user: first.person, ...(first.wish === null ? {} : { wish: first.wish }) };
}

/** Removes a person from the queue. For a day it is kept when they were called; see `firstInQueue`. */
export function leaveQueue(store: Store, id: string, at: number): Promise<void> {
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

export async function waitedFor(store: Store): Promise<readonly string[]> {
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
}
