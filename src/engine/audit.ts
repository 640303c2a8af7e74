import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/json.ts';
import type { AuditEntry, StoredAuditEntry } from '../flows/ledger.ts';
import type { Store, Tx } from './store.ts';

const PAGE = 1_000;

/** sha256 hex over the hash before and the canonical JSON of the entry with its number and time. */
function hashOf(before: string, entry: AuditEntry & { seq: number; at: number }): string {
  return createHash('sha256').update(before).update(canonicalJson(entry)).digest('hex');
}

/**
 * Adds a row to the chain. Takes the end of the chain for the rest of the transaction, so it comes last in it:
 * every writer locks in the same order, and the rows stand in the order of their commits.
 */
export async function append(tx: Tx, entry: AuditEntry, at: number): Promise<void> {
  const end = await tx.selectFrom('chain').select(['seq', 'hash']).forUpdate().executeTakeFirstOrThrow();
  const seq = Number(end.seq) + 1;
  const json = JSON.stringify(entry);
  const hash = hashOf(end.hash, { ...(JSON.parse(json) as AuditEntry), seq, at });
  await tx
    .insertInto('events')
    .values({
      seq,
      at: new Date(at),
      service: entry.service ?? null,
      promotion_id: entry.promotionId ?? null,
      entry: json,
      hash,
    })
    .execute();
  await tx.updateTable('chain').set({ seq, hash }).execute();
}

export async function trail(
  store: Store,
  filter: { readonly promotionId?: string; readonly service?: string; readonly limit: number },
): Promise<readonly StoredAuditEntry[]> {
  const rows = await store.read((db) => {
    let query = db.selectFrom('events').select(['seq', 'at', 'entry', 'hash']);
    if (filter.promotionId !== undefined) query = query.where('promotion_id', '=', filter.promotionId);
    if (filter.service !== undefined) query = query.where('service', '=', filter.service);
    return query.orderBy('seq', 'desc').limit(filter.limit).execute();
  });
  return rows.map((row) => ({ ...row.entry, seq: Number(row.seq), at: row.at.getTime(), hash: row.hash }));
}

/** Walks the chain from its first row; `brokenAt` is the number of the first row that is missing or changed. */
export function verify(store: Store): Promise<{ readonly rows: number; readonly brokenAt: number | null }> {
  return store.snapshot(async (tx) => {
    const end = await tx.selectFrom('chain').select(['seq', 'hash']).executeTakeFirst();
    let rows = 0;
    let before = '';
    for (;;) {
      const page = await tx
        .selectFrom('events')
        .selectAll()
        .where('seq', '>', String(rows))
        .orderBy('seq')
        .limit(PAGE)
        .execute();
      for (const row of page) {
        const seq = rows + 1;
        const fits =
          Number(row.seq) === seq &&
          (row.entry.service ?? null) === row.service &&
          (row.entry.promotionId ?? null) === row.promotion_id &&
          hashOf(before, { ...row.entry, seq, at: row.at.getTime() }) === row.hash;
        if (!fits) return { rows, brokenAt: seq };
        rows = seq;
        before = row.hash;
      }
      if (page.length < PAGE) break;
    }
    const whole = end !== undefined && Number(end.seq) === rows && end.hash === before;
    return { rows, brokenAt: whole ? null : rows + 1 };
  });
}
