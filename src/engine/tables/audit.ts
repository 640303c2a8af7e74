import { type Selectable, type SqlBool, sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { AuditHead } from '../../domain/audit/head.ts';
import { EVERYTHING } from '../../domain/policy/lock.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { redactedData } from '../../domain/text/redaction.ts';
import type { MissingEnd, StoredAuditEntry } from '../../flows/run/ledger.ts';
import { hashOf, introductionIn, signedText } from '../audit/chain.ts';
import type { AuditSigner } from '../audit/signer.ts';
import type { Tables } from './schema.ts';
import { inPages, type Session, type Store, type Tx } from './store.ts';

const PAGE = 1_000;
const ROW = ['seq', 'at', 'entry', 'hash', 'signature'] as const;

/**
 * Adds a row to the chain. Takes the end of the chain for the rest of the transaction, so it comes last in it:
 * every writer locks in the same order, and the rows stand in the order of their commits.
 */
export async function appendAudit(tx: Tx, given: AuditEntry, at: number): Promise<void> {
  // Before the hash is taken: what is stored is what was hashed.
  const entry = redactedData(given);
  const end = await tx
    .selectFrom('chain')
    .select(['seq', 'hash', 'key'])
    .forUpdate()
    .executeTakeFirstOrThrow();
  mustFit(end.key, tx.signer);
  await appendTo(tx, end, entry, tx.signer, at);
}

/** Adds a row behind the end, which this transaction holds. */
export async function appendTo(
  tx: Tx,
  end: { readonly seq: string; readonly hash: string },
  entry: AuditEntry,
  signer: AuditSigner | undefined,
  at: number,
): Promise<void> {
  const seq = Number(end.seq) + 1;
  const json = JSON.stringify(entry);
  const hash = hashOf(end.hash, { ...(JSON.parse(json) as AuditEntry), seq, at });
  const follows = await isBehindLast(tx, end);
  const signature = signer?.sign(signedText(seq, hash)) ?? null;
  await tx
    .insertInto('events')
    .values({
      seq,
      at: new Date(at),
      service: entry.service ?? null,
      promotion_id: entry.promotionId ?? null,
      entry: json,
      hash,
      signature,
    })
    .execute();
  await tx.updateTable('chain').set({ seq, hash }).execute();
  tx.log.entries.push(entry);
  if (follows && signer && signature !== null) {
    tx.log.end = { seq, hash, key: signer.publicKey, signature, at };
  }
}

/** Whether the end, which this transaction holds, is or comes behind the last one that was kept outside. */
async function isBehindLast(tx: Tx, end: { readonly seq: string; readonly hash: string }): Promise<boolean> {
  const lastSigned = tx.signer?.lastSigned;
  if (lastSigned === undefined) return false;
  try {
    // With several entries of one transaction the file is as it was before.
    const last = tx.log.end ?? lastSigned.read();
    return last === null || (String(last.seq) === end.seq ? last.hash === end.hash : holds(tx, last));
  } catch (error) {
    // Entries are written all the same; whoever deploys is told.
    if (error instanceof Unavailable) return false;
    throw error;
  }
}

/** Nobody writes behind entries of another key: not a replica without the right one, and nothing without any. */
function mustFit(key: string | null, signer: AuditSigner | undefined): void {
  if (key === (signer?.publicKey ?? null)) return;
  throw new Refusal('audit-key-unfit', { key: key ?? 'no key', own: signer?.publicKey ?? 'no key' });
}

export async function auditTrail(
  store: Store,
  filter: { readonly promotionId?: string; readonly service?: string; readonly limit: number },
): Promise<readonly StoredAuditEntry[]> {
  const rows = await store.read((db) => {
    let query = db.selectFrom('events').select(ROW);
    if (filter.promotionId !== undefined) query = query.where('promotion_id', '=', filter.promotionId);
    if (filter.service !== undefined) query = query.where('service', 'in', [filter.service, EVERYTHING]);
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
  const rows = inPages('0', PAGE, (seq) =>
    store.read((db) => {
      let query = db.selectFrom('events').select(ROW).where('seq', '>', seq);
      if (service !== undefined) query = query.where(concerning(service));
      if (sinceMs !== undefined) query = query.where('at', '>=', new Date(sinceMs));
      return query.orderBy('seq').limit(PAGE).execute();
    }),
  );
  for await (const row of rows) yield asStored(row);
}

/** As `concerns` says. */
function concerning(service: string) {
  return sql<SqlBool>`(service in (${service}, ${EVERYTHING}) or (entry->'detail'->'services')::jsonb ? ${service})`;
}

export async function auditHash(store: Store, seq: number): Promise<string | null> {
  const row = await store.read((db) =>
    db.selectFrom('events').select('hash').where('seq', '=', String(seq)).executeTakeFirst(),
  );
  return row?.hash ?? null;
}

/** The end of the chain with who signed it; null while nothing is signed. */
export function auditHead(store: Store): Promise<AuditHead | null> {
  return store.snapshot(async (db) => {
    const row = await db.selectFrom('events').select(ROW).orderBy('seq', 'desc').limit(1).executeTakeFirst();
    const chain = await db.selectFrom('chain').select('key').executeTakeFirst();
    if (row === undefined || row.signature === null) return null;
    const introduced = introductionIn(row.entry);
    const key = introduced ? (introduced.before ?? introduced.key) : (chain?.key ?? '');
    const { hash, signature } = row;
    return { seq: Number(row.seq), hash, key, signature, at: row.at.getTime() };
  });
}

/** See `Ledger.missingEnd`. A log that is longer than what is known is fine: others write to it too. */
export async function missingEndIn(session: Session): Promise<MissingEnd | null> {
  // Before the database is asked: what is signed meanwhile is no reason for an alarm.
  const known = session.signer?.lastSigned?.read() ?? null;
  if (known === null || (await holds(session, known))) return null;
  const end = await session.selectFrom('chain').select('seq').executeTakeFirst();
  return { signed: known.seq, rows: Number(end?.seq ?? 0) };
}

/** Whether the log holds what was signed last, so that what is written now comes behind it. */
async function holds(session: Session, { seq, hash }: Pick<AuditHead, 'seq' | 'hash'>): Promise<boolean> {
  const query = session.selectFrom('events').select('hash').where('seq', '=', String(seq));
  return (await query.executeTakeFirst())?.hash === hash;
}

/** Whether a row is what its hash says behind the hash before it, and its columns say what its entry does. */
export function isWhole(
  row: Pick<Selectable<Tables['events']>, 'seq' | 'at' | 'entry' | 'hash' | 'service' | 'promotion_id'>,
  before: string,
): boolean {
  return (
    (row.entry.service ?? null) === row.service &&
    (row.entry.promotionId ?? null) === row.promotion_id &&
    hashOf(before, { ...row.entry, seq: Number(row.seq), at: row.at.getTime() }) === row.hash
  );
}

export function asStored(row: Pick<Selectable<Tables['events']>, (typeof ROW)[number]>): StoredAuditEntry {
  const { signature } = row;
  return {
    ...row.entry,
    seq: Number(row.seq),
    at: row.at.getTime(),
    hash: row.hash,
    ...(signature === null ? {} : { signature }),
  };
}
