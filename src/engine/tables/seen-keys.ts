import { hashed, type Store } from './store.ts';

/** How long a key is remembered. Slack repeats an event for an hour at most. */
const REMEMBERED_MS = 7 * 86_400_000;
/** Forgotten keys are removed with each of so many. */
const TIDY_EVERY = 500;

/** Keys that were seen by any process within the last days. */
export class SeenKeys {
  readonly #store: Store;
  #asked = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether it was seen within the last days, until now (ms since the epoch); changes nothing. */
  async has(key: string, at: number): Promise<boolean> {
    const found = await this.#store.read((db) =>
      db
        .selectFrom('once')
        .select('key')
        .where('key', '=', hashed(key))
        .where('seen_at', '>=', new Date(at - REMEMBERED_MS))
        .executeTakeFirst(),
    );
    return found !== undefined;
  }

  /** As if it had never been seen. */
  async forget(key: string): Promise<void> {
    await this.#store.write((tx) => tx.deleteFrom('once').where('key', '=', hashed(key)).execute());
  }

  /** Whether it was not seen before; from now on (ms since the epoch) it was. */
  isNew(key: string, at: number): Promise<boolean> {
    const seenAt = new Date(at);
    const forgotten = new Date(at - REMEMBERED_MS);
    this.#asked += 1;
    const isToTidy = this.#asked % TIDY_EVERY === 0;
    return this.#store.write(async (tx) => {
      if (isToTidy) await tx.deleteFrom('once').where('seen_at', '<', forgotten).execute();
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
  }
}
