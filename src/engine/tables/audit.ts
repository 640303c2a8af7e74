import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { canonicalJson } from '../../domain/text/canonical-json.ts';
import { redactedData } from '../../domain/text/redaction.ts';
import type { ChainCheck, StoredAuditEntry } from '../../flows/run/ledger.ts';
import type { Tables } from './schema.ts';
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
export async function appendAudit(tx: Tx, given: AuditEntry, at: number): Promise<void> {
  // Before the hash is taken: what is stored is what was hashed.
  const entry = redactedData(given);
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
  tx.log.entries.push(entry);
}

export async function auditTrail(
  store: Store,
  filter: { readonly promotionId?: string; readonly service?: string; readonly limit: number },
): Promise<readonly StoredAuditEntry[]> {
  const rows = await store.read((db) => {
    let query = db.selectFrom('events').select(['seq', 'at', 'entry', 'hash']);
    if (filter.promotionId !== undefined) query = query.where('promotion_id', '=', filter.promotionId);
    if (filter.service !== undefined) query = query.where('service', '=', filter.service);
    return query.orderBy('seq', 'desc').limit(filter.limit).execute();
  });
  return rows.map(asStored);
}

/** Rows in the order of the chain. Each page is a query of its own, so that no transaction stays open meanwhile. */
export async function* auditRows(
  store: Store,
  filter: { readonly service?: string; readonly sinceMs?: number },
): AsyncGenerator<StoredAuditEntry> {
  const { service, sinceMs } = filter;
  for (let after = '0'; ; ) {
    const rows = await store.read((db) => {
      let query = db.selectFrom('events').select(['seq', 'at', 'entry', 'hash']).where('seq', '>', after);
      if (service !== undefined) query = query.where('service', '=', service);
      if (sinceMs !== undefined) query = query.where('at', '>=', new Date(sinceMs));
      return query.orderBy('seq').limit(PAGE).execute();
    });
    yield* rows.map(asStored);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.seq;
  }
}

export async function auditHash(store: Store, seq: number): Promise<string | null> {
  const row = await store.read((db) =>
    db.selectFrom('events').select('hash').where('seq', '=', String(seq)).executeTakeFirst(),
  );
  return row?.hash ?? null;
}

function asStored(
  row: Pick<Selectable<Tables['events']>, 'seq' | 'at' | 'entry' | 'hash'>,
): StoredAuditEntry {
  return { ...row.entry, seq: Number(row.seq), at: row.at.getTime(), hash: row.hash };
}

/** Walks the chain from its first row to its end. */
export function verifyAudit(store: Store): Promise<ChainCheck> {
  return store.snapshot(async (tx) => {
    const end = await tx.selectFrom('chain').select(['seq', 'hash']).executeTakeFirst();
    let rows = 0;
    let head = '';
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
        if (Number(row.seq) !== seq) return { rows, brokenAt: seq, why: 'missing', head };
        const fits =
          (row.entry.service ?? null) === row.service &&
          (row.entry.promotionId ?? null) === row.promotion_id &&
          hashOf(head, { ...row.entry, seq, at: row.at.getTime() }) === row.hash;
        if (!fits) return { rows, brokenAt: seq, why: 'changed', found: asStored(row), head };
        rows = seq;
        head = row.hash;
      }
      if (page.length < PAGE) break;
    }
    const isWhole = end !== undefined && Number(end.seq) === rows && end.hash === head;
    return isWhole ? { rows, brokenAt: null, head } : { rows, brokenAt: rows + 1, why: 'cut-off', head };
  });
}
