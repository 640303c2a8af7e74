import { sql } from 'kysely';
import type { Promotion } from '../../../domain/promotion/promotion.ts';
import { runOf } from '../../../domain/promotion/promotion.ts';
import type { Ledger } from '../../../flows/run/ledger.ts';
import type { RunMessage } from '../../../flows/run/port.ts';
import type { Store, Tx } from '../store.ts';

/** How many are delivered in one go. */
const AT_ONCE = 500;

/**
 * To be delivered to the run of the promotion, once for this key; stored with what the same transaction decides. How old
 * it is goes by the clock of the database, as another replica may have to deliver it.
 */
export async function storeMessage(
  tx: Tx,
  promotion: Promotion,
  { message, key }: { readonly message: RunMessage; readonly key: string },
): Promise<void> {
  await tx
    .insertInto('messages')
    .values({ key, run: runOf(promotion), message: JSON.stringify(message), at: sql<Date>`now()` })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

/** The part of the ledger that is about what runs have to be told. */
export function messagesOf(store: Store): Pick<Ledger, 'undelivered' | 'delivered'> {
  return {
    undelivered: (of) => {
      const [run, olderThanMs] = 'run' in of ? [of.run, 0] : [null, of.olderThanMs];
      return store.read((db) =>
        db
          .selectFrom('messages')
          .select(['key', 'run', 'message'])
          .$if(run !== null, (query) => query.where('run', '=', run))
          .$if(olderThanMs > 0, (query) =>
            query.where('at', '<=', sql<Date>`now() - ${olderThanMs} * interval '1 ms'`),
          )
          .orderBy('seq')
          .limit(AT_ONCE)
          .execute(),
      );
    },
    delivered: async (key) => {
      await store.write((tx) => tx.deleteFrom('messages').where('key', '=', key).execute());
    },
  };
}
