import type pg from 'pg';
import { Store } from '../store.ts';
import { waitingWork } from '../thread/told.ts';

/** What the tables hold now, in numbers. */
export interface TableCounts {
  readonly promotions: readonly {
    readonly service: string;
    readonly state: string;
    readonly count: number;
  }[];
  readonly outbox: {
    /** Cards and messages that still have to be sent. */
    readonly waiting: number;
    /** Since when the oldest of them waits, ms since the epoch; null when nothing waits. */
    readonly since: number | null;
  };
}

/** Throws Unavailable("the database"). */
export function tableCountsIn(pool: pg.Pool): () => Promise<TableCounts> {
  const store = new Store(pool);
  return async () => {
    const promotions = await store.read((db) =>
      db
        .selectFrom('promotions')
        .select(({ fn }) => ['service', 'state', fn.countAll<string>().as('count')])
        .groupBy(['service', 'state'])
        .execute(),
    );
    const outbox = await store.read((db) =>
      db
        .selectFrom(waitingWork(db))
        .select(({ fn }) => [fn.countAll<string>().as('waiting'), fn.min('since').as('since')])
        .executeTakeFirstOrThrow(),
    );
    return {
      promotions: promotions.map((row) => ({ ...row, count: Number(row.count) })),
      outbox: { waiting: Number(outbox.waiting), since: outbox.since?.getTime() ?? null },
    };
  };
}
