import { sql } from 'kysely';
import type { Ledger } from '../../flows/run/ledger.ts';
import { hashed, type Store } from './store.ts';

/** An offer that was made and is still asked for is kept: that is noted this often, in ms. */
const NOTED_EVERY_MS = 86_400_000;

/** The part of the ledger that is about what is done once, by whichever process comes first. */
export function offersOf(store: Store, now: () => number): Pick<Ledger, 'tryOffer' | 'offerMade'> {
  return {
    tryOffer: (key, pauseMs) => {
      const at = now();
      const tried = new Date(at);
      const before = (ms: number) => sql<Date>`${new Date(at - ms)}::timestamptz`;
      // One that was made and is still asked for is noted now and then.
      const due = sql<Date>`case when offers.made_at is null then ${before(pauseMs)} else ${before(NOTED_EVERY_MS)} end`;
      return store.write(async (tx) => {
        const mine = await tx
          .insertInto('offers')
          .values({ key: hashed(key), tried_at: tried, made_at: null })
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet({ tried_at: tried }).where('offers.tried_at', '<=', due),
          )
          .returning('made_at')
          .executeTakeFirst();
        return mine !== undefined && mine.made_at === null;
      });
    },
    offerMade: async (key) => {
      await store.write((tx) =>
        tx
          .updateTable('offers')
          .set({ made_at: new Date(now()) })
          .where('key', '=', hashed(key))
          .where('made_at', 'is', null)
          .execute(),
      );
    },
  };
}
