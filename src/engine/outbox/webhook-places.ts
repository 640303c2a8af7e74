import { type RawBuilder, sql } from 'kysely';
import type { StoredAuditEntry } from '../../flows/run/ledger.ts';
import { asStored } from '../tables/audit.ts';
import type { Store } from '../tables/store.ts';

const PAGE = 100;

/** How far a webhook is, while it is this process' to go on. */
export interface WebhookPlace {
  /** Of the webhook. */
  readonly name: string;
  /** Who goes on: another one at each take. */
  readonly holder: string;
  /** Number of the last entry that is done with. */
  readonly sent: number;
  /** Tries in a row that came to nothing. */
  readonly failures: number;
  /** When it was taken, ms since the epoch, as the database has it. */
  readonly now: number;
}

/**
 * Where each webhook is in the audit, by its name. One holder at a time goes on with it, for as long as it moves on within the
 * lease; times are those of the database. Throws Unavailable.
 */
export class WebhookPlaces {
  readonly #store: Store;
  readonly #newHolder: () => string;
  readonly #lease: string;

  /** `newHolder`: a name that nobody has had; `leaseMs`: longer than an event may take. */
  constructor(store: Store, newHolder: () => string, leaseMs: number) {
    this.#store = store;
    this.#newHolder = newHolder;
    this.#lease = `${leaseMs} milliseconds`;
  }

  /**
   * A webhook of a name that is new begins with what comes next. `address`: a word for where it sends to; with another one it
   * waits no longer, and nobody goes on with it who has the address of before.
   */
  async begin(name: string, address: string): Promise<void> {
    await this.#store.write((tx) =>
      tx
        .insertInto('webhooks')
        .columns(['name', 'sent', 'address'])
        .expression((eb) =>
          eb
            .selectFrom('chain')
            .select([
              sql<string>`${name}::text`.as('name'),
              'seq',
              sql<string>`${address}::text`.as('address'),
            ]),
        )
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ address, holder: null, until: sql<Date>`now()`, failures: 0 })
            .where('webhooks.address', 'is distinct from', address),
        )
        .execute(),
    );
  }

  /** Null when there is nothing for it, another holder is at it, it pauses, or it sends elsewhere by now. */
  async take(name: string, address: string): Promise<WebhookPlace | null> {
    const waiting = await this.#store.read((db) =>
      db
        .selectFrom(['webhooks', 'chain'])
        .select('webhooks.name')
        .where('webhooks.name', '=', name)
        .where('webhooks.address', '=', address)
        .whereRef('webhooks.sent', '<', 'chain.seq')
        .where('webhooks.until', '<=', sql<Date>`now()`)
        .executeTakeFirst(),
    );
    if (waiting === undefined) return null;
    const holder = this.#newHolder();
    const row = await this.#store.write((tx) =>
      tx
        .updateTable('webhooks')
        .set({ holder, until: this.#soon() })
        .where('name', '=', name)
        .where('address', '=', address)
        .where('until', '<=', sql<Date>`now()`)
        .returning(['sent', 'failures', sql<Date>`now()`.as('now')])
        .executeTakeFirst(),
    );
    if (row === undefined) return null;
    return { name, holder, sent: Number(row.sent), failures: row.failures, now: row.now.getTime() };
  }

  /** The entries behind that one, oldest first, some of them. */
  async entriesAfter(seq: number): Promise<readonly StoredAuditEntry[]> {
    const rows = await this.#store.read((db) =>
      db
        .selectFrom('events')
        .select(['seq', 'at', 'entry', 'hash', 'signature'])
        .where('seq', '>', String(seq))
        .orderBy('seq')
        .limit(PAGE)
        .execute(),
    );
    return rows.map(asStored);
  }

  /** All up to that entry is done with. False: another one holds it now. */
  moved(place: WebhookPlace, sent: number, failures: number): Promise<boolean> {
    return this.#change(place, { sent, failures, until: this.#soon() });
  }

  /** It is nobody's for so long, ms; 0: whose it will be. */
  async leave(place: WebhookPlace, pauseMs: number, failures: number): Promise<void> {
    await this.#change(place, { holder: null, failures, until: this.#in(`${pauseMs} milliseconds`) });
  }

  #change(
    { name, holder }: WebhookPlace,
    set: { sent?: number; holder?: null; failures: number; until: RawBuilder<Date> },
  ): Promise<boolean> {
    return this.#store.write(async (tx) => {
      const row = await tx
        .updateTable('webhooks')
        .set(set)
        .where('name', '=', name)
        .where('holder', '=', holder)
        .returning('name')
        .executeTakeFirst();
      return row !== undefined;
    });
  }

  #soon() {
    return this.#in(this.#lease);
  }

  #in(interval: string) {
    return sql<Date>`now() + ${interval}::interval`;
  }
}
