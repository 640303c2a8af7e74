import type { Promotion } from '../../../domain/promotion/promotion.ts';
import { runOf } from '../../../domain/promotion/promotion.ts';
import type { RunDelivery, Undelivered } from '../../../flows/run/ledger.ts';
import type { RunMessage } from '../../../flows/run/port.ts';
import type { Store, Tx } from '../store.ts';

/** How many are delivered in one go. */
const AT_ONCE = 500;

/** To be delivered to the run of the promotion, once for this key; stored with what the same transaction decides. */
export async function storeMessage(
  tx: Tx,
  promotion: Promotion,
  { message, key }: { readonly message: RunMessage; readonly key: string },
  at: number,
): Promise<void> {
  await tx
    .insertInto('messages')
    .values({ key, run: runOf(promotion), message: JSON.stringify(message), at: new Date(at) })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

/** See `Ledger.undelivered`. */
export async function undelivered(
  store: Store,
  of: Undelivered,
  now: number,
): Promise<readonly RunDelivery[]> {
  return store.read((db) =>
    db
      .selectFrom('messages')
      .select(['key', 'run', 'message'])
      .$if('run' in of, (query) => query.where('run', '=', 'run' in of ? of.run : ''))
      .$if('olderThanMs' in of, (query) =>
        query.where('at', '<=', new Date(now - ('olderThanMs' in of ? of.olderThanMs : 0))),
      )
      .orderBy('seq')
      .limit(AT_ONCE)
      .execute(),
  );
}

export async function delivered(store: Store, key: string): Promise<void> {
  await store.write((tx) => tx.deleteFrom('messages').where('key', '=', key).execute());
}
