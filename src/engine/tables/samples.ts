import type { Sample } from '../../domain/judge/sample.ts';
import { ofKnownPromotion, type Session, type Store } from './store.ts';

/** A sample of the same promotion, phase and time is stored once. Refusal `promotion-unknown`. */
export async function addSamples(store: Store, id: string, samples: readonly Sample[]): Promise<void> {
  if (samples.length === 0) return;
  const rows = samples.map((sample) => ({
    promotion_id: id,
    phase: sample.phase,
    at: new Date(sample.at),
    sample: JSON.stringify(sample),
  }));
  await ofKnownPromotion(id, () =>
    store.write((tx) =>
      tx
        .insertInto('samples')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    ),
  );
}

/** In order of time. */
export function samplesOf(store: Store, id: string): Promise<readonly Sample[]> {
  return store.read((db) => samplesIn(db, id));
}

/** The same within a session. */
export async function samplesIn(db: Session, id: string): Promise<readonly Sample[]> {
  const rows = await db
    .selectFrom('samples')
    .select('sample')
    .where('promotion_id', '=', id)
    .orderBy('at')
    .orderBy('seq')
    .execute();
  return rows.map((row) => row.sample);
}
