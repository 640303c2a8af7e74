import type { Sample } from '../../domain/judge/sample.ts';
import type { Ledger } from '../../flows/run/ledger.ts';
import { ofKnownPromotion, type Session, type Store } from './store.ts';

/** The part of the ledger that is about samples. */
export function samplesOf(store: Store): Pick<Ledger, 'addSamples' | 'samples'> {
  return {
    addSamples: async (id, samples) => {
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
    },
    samples: (id) => store.read((db) => samplesIn(db, id)),
  };
}

/** In order of time. */
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
