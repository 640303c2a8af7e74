import type { Ledger } from '../../flows/run/ledger.ts';
import { hashed, type Store } from './store.ts';

/** How long a key is remembered. Slack repeats an event for an hour at most. */
export const REMEMBERED_MS = 7 * 86_400_000;
/** Forgotten keys are removed with each of so many. */
const TIDY_EVERY = 500;

/** The part of the ledger that is about keys that were seen by any process within the last days. */
export function keysOf(
  store: Store,
  now: () => number,
): Pick<Ledger, 'once' | 'wasSeen' | 'seenAmong' | 'forget'> {
  const fresh = new FreshKeys(store);
  const among = async (keys: readonly string[]) => {
    if (keys.length === 0) return new Set<string>();
    const rows = await store.read((db) =>
      db
        .selectFrom('once')
        .select('key')
        .where('key', 'in', keys.map(hashed))
        .where('seen_at', '>=', new Date(now() - REMEMBERED_MS))
        .execute(),
    );
    const found = new Set(rows.map(({ key }) => key));
    return new Set(keys.filter((key) => found.has(hashed(key))));
  };
  return {
    once: (key) => fresh.isNew(key, now()),
    wasSeen: async (key) => (await among([key])).has(key),
    seenAmong: among,
    forget: async (key) => {
      await store.write((tx) => tx.deleteFrom('once').where('key', '=', hashed(key)).execute());
    },
  };
}

class FreshKeys {
  readonly #store: Store;
  #asked = 0;
  #asking: Asked[] = [];
  #isBusy = false;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Whether it was not seen before; from now on (ms since the epoch) it was. */
  isNew(key: string, at: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#asking.push({ key: hashed(key), at, resolve, reject });
      if (!this.#isBusy) void this.#answerAll();
    });
  }

  /** Whoever asks while the database is asked waits for the next question, which is one for all of them. */
  async #answerAll(): Promise<void> {
    this.#isBusy = true;
    for (let asked = this.#asking; asked.length > 0; asked = this.#asking) {
      this.#asking = [];
      try {
        const fresh = new Set(await this.#insert(asked));
        // Of those who asked for the same key at once the first was first.
        for (const { key, resolve } of asked) resolve(fresh.delete(key));
      } catch (error) {
        for (const { reject } of asked) reject(error);
      }
    }
    this.#isBusy = false;
  }

  async #insert(asked: readonly Asked[]): Promise<readonly string[]> {
    const at = Math.max(...asked.map((one) => one.at));
    const forgotten = new Date(at - REMEMBERED_MS);
    // In order, so that processes that insert the same ones do not wait for each other for ever.
    const keys = [...new Set(asked.map(({ key }) => key))].sort();
    const before = Math.floor(this.#asked / TIDY_EVERY);
    this.#asked += keys.length;
    const isToTidy = Math.floor(this.#asked / TIDY_EVERY) > before;
    return this.#store.write(async (tx) => {
      if (isToTidy) await tx.deleteFrom('once').where('seen_at', '<', forgotten).execute();
      const rows = await tx
        .insertInto('once')
        .values(keys.map((key) => ({ key, seen_at: new Date(at) })))
        .onConflict((conflict) =>
          conflict
            .column('key')
            .doUpdateSet({ seen_at: new Date(at) })
            .where('once.seen_at', '<', forgotten),
        )
        .returning('key')
        .execute();
      return rows.map(({ key }) => key);
    });
  }
}

interface Asked {
  readonly key: string;
  readonly at: number;
  readonly resolve: (isNew: boolean) => void;
  readonly reject: (error: unknown) => void;
}
