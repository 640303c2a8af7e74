import type { Store } from './store.ts';
import { hashed } from './store.ts';

/** An offer that was made and is still asked for is kept: that is noted this often, in ms. */
const NOTED_EVERY_MS = 86_400_000;

/** Lets one process make an offer that nobody has made yet, nor tried to since `triedBefore`. Times in ms. */
export function tryOffer(store: Store, key: string, triedBefore: number, at: number): Promise<boolean> {
  const tried = new Date(at);
  return store.write(async (tx) => {
    const mine = await tx
      .insertInto('offers')
      .values({ key: hashed(key), tried_at: tried, made_at: null })
      .onConflict((conflict) =>
        conflict
          .column('key')
          .doUpdateSet({ tried_at: tried })
          .where((eb) =>
            eb.or([
              eb('offers.made_at', 'is', null).and('offers.tried_at', '<=', new Date(triedBefore)),
              eb('offers.made_at', 'is not', null).and(
                'offers.tried_at',
                '<=',
                new Date(at - NOTED_EVERY_MS),
              ),
            ]),
          ),
      )
      .returning('made_at')
      .executeTakeFirst();
    return mine !== undefined && mine.made_at === null;
  });
}

export function offerMade(store: Store, key: string, at: number): Promise<void> {
  return store.write(async (tx) => {
    await tx
      .updateTable('offers')
      .set({ made_at: new Date(at) })
      .where('key', '=', hashed(key))
      .where('made_at', 'is', null)
      .execute();
  });
}
