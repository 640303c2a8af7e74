import type { Refusal } from '../../../domain/refusals/refusal.ts';
import {
  alreadyPlanned,
  notStarted,
  plannedAudit,
  type Sequence,
} from '../../../domain/schedule/sequence.ts';
import type { SequenceLedger } from '../../../flows/run/ledger.ts';
import { appendAudit } from '../audit.ts';
import type { Store, Tx } from '../store.ts';

/** The part of the ledger that is about sequences. */
export function sequencesOf(store: Store, now: () => number): SequenceLedger {
  return {
    plan: (sequence) => planSequence(store, sequence, now()),
    sequence: async (id) => {
      const row = await store.read((db) =>
        db.selectFrom('sequences').select('sequence').where('id', '=', id).executeTakeFirst(),
      );
      return row?.sequence ?? null;
    },
    unsettled: async () => {
      const rows = await store.read((db) =>
        db.selectFrom('sequences').select('sequence').where('settled', '=', false).orderBy('seq').execute(),
      );
      return rows.map(({ sequence }) => sequence);
    },
    changeSequence: (id, change) => changeSequence(store, id, change, now()),
  };
}

/** Refusal `already-planned`. */
function planSequence(store: Store, sequence: Sequence, at: number): Promise<void> {
  return store.write(async (tx) => {
    const { id } = sequence;
    const made = await tx
      .insertInto('sequences')
      .values({ id, sequence: JSON.stringify(sequence), updated_at: new Date(at) })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id')
      .executeTakeFirst();
    // A transaction that was committed without an answer is tried again.
    if (made === undefined) return;
    for (const { service } of sequence.services) {
      const mine = await tx
        .insertInto('planned_services')
        .values({ service, sequence_id: id })
        .onConflict((conflict) => conflict.column('service').doNothing())
        .returning('service')
        .executeTakeFirst();
      if (mine === undefined) throw await plannedBy(tx, service);
    }
    await appendAudit(tx, plannedAudit(sequence), at);
  });
}

async function plannedBy(tx: Tx, service: string): Promise<Refusal> {
  const row = await tx
    .selectFrom('planned_services')
    .innerJoin('sequences', 'sequences.id', 'planned_services.sequence_id')
    .select('sequences.sequence')
    .where('planned_services.service', '=', service)
    .executeTakeFirst();
  return alreadyPlanned(service, row?.sequence);
}

function changeSequence(
  store: Store,
  id: string,
  change: Parameters<SequenceLedger['changeSequence']>[1],
  at: number,
): Promise<Sequence | null> {
  return store.write(async (tx) => {
    const row = await tx
      .selectFrom('sequences')
      .select('sequence')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return null;
    const wanted = change(row.sequence);
    if (wanted === null) return row.sequence;
    const { sequence, isSettled = false, audit } = wanted;
    await tx
      .updateTable('sequences')
      .set({ sequence: JSON.stringify(sequence), settled: isSettled, updated_at: new Date(at) })
      .where('id', '=', id)
      .execute();
    const waiting = sequence.end === undefined ? notStarted(sequence).map(({ service }) => service) : [];
    await tx
      .deleteFrom('planned_services')
      .where('sequence_id', '=', id)
      .$if(waiting.length > 0, (query) => query.where('service', 'not in', waiting))
      .execute();
    if (audit) await appendAudit(tx, audit, at);
    return sequence;
  });
}
