import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import type { PromptStore } from '../../flows/run/ledger.ts';
import type { Tables } from './schema.ts';
import { type Store, storable } from './store.ts';

/** The part of the ledger that is about messages with buttons outside of threads. */
export function promptsOf(store: Store, now: () => number): PromptStore {
  const change = async (key: string, columns: Columns) => {
    await store.write((tx) =>
      tx.updateTable('prompts').set(columns).where('key', '=', storable(key)).execute(),
    );
  };
  return {
    putPrompt: async ({ key, place, prompt, snoozedUntil }) => {
      await store.write((tx) =>
        tx
          .insertInto('prompts')
          .values({
            key: storable(key),
            channel: place.channel,
            thread: place.thread ?? null,
            prompt: JSON.stringify(prompt),
            at: new Date(now()),
            snoozed_until: snoozedUntil === undefined ? null : new Date(snoozedUntil),
          })
          .onConflict((conflict) => conflict.column('key').doNothing())
          .execute(),
      );
    },
    openPrompts: async () => {
      // One that is neither posted nor put off, or whose buttons have to go.
      const isWaitedFor = sql`(ts is null and snoozed_until is null) or outcome is not null`;
      const rows = await store.read((db) =>
        db
          .selectFrom('prompts')
          .selectAll()
          .where('closed_at', 'is', null)
          .orderBy(isWaitedFor, 'desc')
          .orderBy('seq')
          .execute(),
      );
      return rows.map(asPrompt);
    },
    openPrompt: async (of) => {
      const row = await store.read((db) => {
        const open = db.selectFrom('prompts').selectAll().where('closed_at', 'is', null);
        const found =
          typeof of === 'string'
            ? open.where('key', '=', storable(of))
            : open.where('posted_in', '=', of.channel).where('ts', '=', of.ts);
        return found.executeTakeFirst();
      });
      return row ? asPrompt(row) : null;
    },
    tryPrompt: (key, pauseMs) => tryPrompt(store, key, pauseMs),
    promptPosted: (key, { channel, ts }) => change(key, { posted_in: channel, ts }),
    // The first that is said counts.
    settlePrompt: async (key, outcome) => {
      await store.write((tx) =>
        tx
          .updateTable('prompts')
          .set({ outcome: JSON.stringify(outcome) })
          .where('key', '=', storable(key))
          .where('outcome', 'is', null)
          .execute(),
      );
    },
    wakePrompt: (key) => change(key, { snoozed_until: null }),
    closePrompt: (key) => change(key, { closed_at: new Date(now()) }),
  };
}

function asPrompt(row: Selectable<Tables['prompts']>): StoredPrompt {
  return {
    key: row.key,
    place: { channel: row.channel, ...(row.thread === null ? {} : { thread: row.thread }) },
    prompt: row.prompt,
    at: row.at.getTime(),
    attemptedAt: row.attempted_at?.getTime() ?? null,
    posted: row.posted_in === null || row.ts === null ? null : { channel: row.posted_in, ts: row.ts },
    outcome: row.outcome,
    ...(row.snoozed_until === null ? {} : { snoozedUntil: row.snoozed_until.getTime() }),
  };
}

type Columns = { posted_in: string; ts: string } | { snoozed_until: null } | { closed_at: Date };

/** By the clock of the database: another replica may have tried it, and its message is looked for at that time. */
function tryPrompt(store: Store, key: string, pauseMs: number): Promise<boolean> {
  return store.write(async (tx) => {
    const mine = await tx
      .updateTable('prompts')
      .set({ attempted_at: sql<Date>`clock_timestamp()` })
      .where('key', '=', storable(key))
      .where('ts', 'is', null)
      .where('closed_at', 'is', null)
      .where((eb) =>
        eb.or([
          eb('attempted_at', 'is', null),
          eb('attempted_at', '<=', sql<Date>`clock_timestamp() - ${pauseMs} * interval '1 ms'`),
        ]),
      )
      .returning('key')
      .executeTakeFirst();
    return mine !== undefined;
  });
}
