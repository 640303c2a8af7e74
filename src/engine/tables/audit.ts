import { type Selectable, type SqlBool, sql } from 'kysely';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { AuditHead } from '../../domain/audit/head.ts';
import { EVERYTHING } from '../../domain/policy/lock.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { redactedData } from '../../domain/text/redaction.ts';
import type { Ledger, MissingEnd, StoredAuditEntry } from '../../flows/run/ledger.ts';
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
    if (last === null) return true;
    // Whether the log holds what was signed last, so that what is written now comes behind it.
    return (String(last.seq) === end.seq ? end.hash : await hashAt(tx, last.seq)) === last.hash;
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

/** The part of the ledger that is about the audit, but for proving all of it. */
export function auditOf(store: Store, now: () => number): AuditStore {
  return {
    audit: (entry) => store.write((tx) => appendAudit(tx, entry, now())),
    auditTrail: async ({ promotionId, service, limit }) => {
      const rows = await store.read((db) => {
        let query = db.selectFrom('events').select(ROW);
        if (promotionId !== undefined) query = query.where('promotion_id', '=', promotionId);
        if (service !== undefined) query = query.where('service', 'in', [service, EVERYTHING]);
        return query.orderBy('seq', 'desc').limit(limit).execute();
      });
      return rows.map(asStored);
    },
    // Each page is a query of its own, so that no transaction stays open meanwhile.
    async *auditRows({ service, sinceMs }) {
      const rows = inPages('0', PAGE, (seq) =>
        store.read((db) => {
          let query = db.selectFrom('events').select(ROW).where('seq', '>', seq);
          if (service !== undefined) query = query.where(concerning(service));
          if (sinceMs !== undefined) query = query.where('at', '>=', new Date(sinceMs));
          return query.orderBy('seq').limit(PAGE).execute();
        }),
      );
      for await (const row of rows) yield asStored(row);
    },
    auditHash: (seq) => store.read((db) => hashAt(db, seq)),
    auditHead: () => store.snapshot(headIn),
    missingEnd: () => store.snapshot(missingEndIn),
  };
}

type AuditStore = Pick<
  Ledger,
  'audit' | 'auditTrail' | 'auditRows' | 'auditHash' | 'auditHead' | 'missingEnd'
>;

/** As `concerns` says. */
function concerning(service: string) {
  return sql<SqlBool>`(service in (${service}, ${EVERYTHING}) or (entry->'detail'->'services')::jsonb ? ${service})`;
}

async function hashAt(session: Session, seq: number): Promise<string | null> {
  const query = session.selectFrom('events').select('hash').where('seq', '=', String(seq));
  return (await query.executeTakeFirst())?.hash ?? null;
}

/** The end of the chain with who signed it; null while nothing is signed. */
async function headIn(session: Session): Promise<AuditHead | null> {
  const last = session.selectFrom('events').select(ROW).orderBy('seq', 'desc').limit(1);
  const row = await last.executeTakeFirst();
  const chain = await session.selectFrom('chain').select('key').executeTakeFirst();
  if (row === undefined || row.signature === null) return null;
  const introduced = introductionIn(row.entry);
  const key = introduced ? (introduced.before ?? introduced.key) : (chain?.key ?? '');
  const { hash, signature } = row;
  return { seq: Number(row.seq), hash, key, signature, at: row.at.getTime() };
}

/** See `Ledger.missingEnd`. A log that is longer than what is known is fine: others write to it too. */
async function missingEndIn(session: Session): Promise<MissingEnd | null> {
  // Before the database is asked: what is signed meanwhile is no reason for an alarm.
  const known = session.signer?.lastSigned?.read() ?? null;
  if (known === null || (await hashAt(session, known.seq)) === known.hash) return null;
  const end = await session.selectFrom('chain').select('seq').executeTakeFirst();
  return { signed: known.seq, rows: Number(end?.seq ?? 0) };
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
