import { sql } from 'kysely';
import type { WaitingWish } from '../flows/ledger.ts';
import type { Store } from './store.ts';

/** Puts a person in line, or their newest wish where they already are. */
export function joinLine(
  store: Store,
  service: string,
  person: string,
  wish: WaitingWish | undefined,
): Promise<number> {
  return store.write(async (tx) => {
    const json = wish === undefined ? null : JSON.stringify(wish);
    await tx
      .insertInto('line')
      .values({ service, person, wish: json })
      .onConflict((conflict) =>
        conflict
          .columns(['service', 'person'])
          .doUpdateSet({ wish: sql`coalesce(excluded.wish, line.wish)` }),
      )
      .execute();
    const line = await tx
      .selectFrom('line')
      .select('person')
      .where('service', '=', service)
      .orderBy('seq')
      .execute();
    return line.findIndex((one) => one.person === person) + 1;
  });
}

export function nextInLine(
  store: Store,
  service: string,
): Promise<{ readonly user: string; readonly wish?: WaitingWish } | null> {
  return store.write(async (tx) => {
    const first = await tx
      .selectFrom('line')
      .select(['seq', 'person', 'wish'])
      .where('service', '=', service)
      .orderBy('seq')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst();
    if (!first) return null;
    await tx.deleteFrom('line').where('seq', '=', first.seq).execute();
    return { user: first.person, ...(first.wish === null ? {} : { wish: first.wish }) };
  });
}

export async function waitedFor(store: Store): Promise<readonly string[]> {
  const rows = await store.read((db) =>
    db.selectFrom('line').select('service').distinct().orderBy('service').execute(),
  );
  return rows.map((row) => row.service);
}
