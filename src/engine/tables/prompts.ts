import type { NewPrompt, PromptOutcome, StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import { type Store, storable } from './store.ts';

/** How many are looked at in one go. */
const AT_ONCE = 500;

/** See `Ledger.putPrompt`. */
export async function putPrompt(
  store: Store,
  { key, place, prompt, snoozedUntil }: NewPrompt,
  at: number,
): Promise<void> {
  await store.write((tx) =>
    tx
      .insertInto('prompts')
      .values({
        key: storable(key),
        channel: place.channel,
        thread: place.thread ?? null,
        prompt: JSON.stringify(prompt),
        at: new Date(at),
        snoozed_until: snoozedUntil === undefined ? null : new Date(snoozedUntil),
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute(),
  );
}

export async function openPrompts(store: Store): Promise<readonly StoredPrompt[]> {
  const rows = await store.read((db) =>
    db
      .selectFrom('prompts')
      .selectAll()
      .where('closed_at', 'is', null)
      .orderBy('seq')
      .limit(AT_ONCE)
      .execute(),
  );
  return rows.map((row) => ({
    key: row.key,
    place: { channel: row.channel, ...(row.thread === null ? {} : { thread: row.thread }) },
    prompt: row.prompt,
    at: row.at.getTime(),
    attemptedAt: row.attempted_at?.getTime() ?? null,
    posted: row.posted_in === null || row.ts === null ? null : { channel: row.posted_in, ts: row.ts },
    outcome: row.outcome,
    ...(row.snoozed_until === null ? {} : { snoozedUntil: row.snoozed_until.getTime() }),
  }));
}

export function tryPrompt(store: Store, key: string, triedBefore: number, at: number): Promise<boolean> {
  return store.write(async (tx) => {
    const mine = await tx
      .updateTable('prompts')
      .set({ attempted_at: new Date(at) })
      .where('key', '=', storable(key))
      .where('ts', 'is', null)
      .where('closed_at', 'is', null)
      .where((eb) => eb.or([eb('attempted_at', 'is', null), eb('attempted_at', '<=', new Date(triedBefore))]))
      .returning('key')
      .executeTakeFirst();
    return mine !== undefined;
  });
}

export async function promptPosted(
  store: Store,
  key: string,
  { channel, ts }: { readonly channel: string; readonly ts: string },
): Promise<void> {
  await store.write((tx) =>
    tx.updateTable('prompts').set({ posted_in: channel, ts }).where('key', '=', storable(key)).execute(),
  );
}

/** The first that is said counts. */
export async function settlePrompt(store: Store, key: string, outcome: PromptOutcome): Promise<void> {
  await store.write((tx) =>
    tx
      .updateTable('prompts')
      .set({ outcome: JSON.stringify(outcome) })
      .where('key', '=', storable(key))
      .where('outcome', 'is', null)
      .execute(),
  );
}

export async function wakePrompt(store: Store, key: string): Promise<void> {
  await store.write((tx) =>
    tx.updateTable('prompts').set({ snoozed_until: null }).where('key', '=', storable(key)).execute(),
  );
}

export async function closePrompt(store: Store, key: string, at: number): Promise<void> {
  await store.write((tx) =>
    tx
      .updateTable('prompts')
      .set({ closed_at: new Date(at) })
      .where('key', '=', storable(key))
      .execute(),
  );
}

/** Those that were closed before that time, ms since the epoch. */
export async function removePrompts(store: Store, before: number): Promise<void> {
  await store.write((tx) => tx.deleteFrom('prompts').where('closed_at', '<', new Date(before)).execute());
}
