import { sql } from 'kysely';
import type pg from 'pg';
import type { AuditEntry } from '../../domain/audit/entry.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { introductionIn, introductionText, signedText } from '../audit/chain.ts';
import { type AuditSigner, isSignedBy } from '../audit/signer.ts';
import { appendTo } from './audit.ts';
import { withBefore } from './proof/proven-entries.ts';
import { Store, type Tx } from './store.ts';

/** A person goes on with the log as it is: see `isAcceptedLoss`. */
const RESTORED: AuditEntry = { actor: 'slipway', action: 'audit.restored', result: 'done' };

interface Options {
  readonly pool: pg.Pool;
  readonly now: () => number;
  readonly signer: AuditSigner;
}

/**
 * Makes sure that this process may sign the audit: begins to in a database where nothing was done yet, else its key must
 * be the one that signed the last entry. Refusals: `audit-key-unfit`, `audit-begun-anew` when entries must have been signed
 * that are gone.
 */
export function beginSigning({
  pool,
  now,
  signer,
  isFirst,
}: Options & {
  /** Whether nothing can have been signed with this key before. */
  readonly isFirst: boolean;
}): Promise<void> {
  return new Store(pool).write(async (tx) => {
    const end = await endOf(tx);
    const last = await tx
      .selectFrom('events')
      .select(['seq', 'hash', 'signature'])
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (end.key === null) {
      if (!isFirst || !(await isNew(tx))) throw new Refusal('audit-begun-anew', { rows: Number(end.seq) });
      await introduce(tx, end, { key: signer }, now());
      return;
    }
    if (end.key !== signer.publicKey) throw unfit(end.key, signer);
    const isOurs =
      last?.signature != null &&
      (isSignedBy(signer.publicKey, signedText(Number(last.seq), last.hash), last.signature) ||
        (await isIntroduction(tx, last.seq, signer)));
    if (!isOurs) throw unfit('another key, or none', signer);
  });
}

/**
 * From the next entry on `next` signs. The key until now signs the entry that says so; without it (the key or the log was
 * lost), the new one does, and says that the log goes on with what it has. Refusal `audit-key-unfit` when `signer` is not the
 * key until now.
 */
export function rotateKey({
  pool,
  now,
  signer,
  next,
}: Omit<Options, 'signer'> & {
  readonly signer: AuditSigner | null;
  readonly next: AuditSigner;
}): Promise<void> {
  return new Store(pool).write(async (tx) => {
    const end = await endOf(tx);
    if (end.key !== next.publicKey) {
      if (signer !== null && end.key !== signer.publicKey) throw unfit(end.key ?? 'no key', signer);
      const said = signer ? { before: signer } : { lost: !(await isNew(tx)) };
      await introduce(tx, end, { key: next, ...said }, now());
    }
    if (signer === null) await appendTo(tx, await endOf(tx), RESTORED, next, now());
  });
}

function endOf(tx: Tx) {
  return tx.selectFrom('chain').select(['seq', 'hash', 'key']).forUpdate().executeTakeFirstOrThrow();
}

/** Whether nothing was done here yet, so that a log without any entry is no wonder. */
async function isNew(tx: Tx): Promise<boolean> {
  for (const table of ['events', 'promotions', 'releases'] as const) {
    if (await tx.selectFrom(table).select(sql`1`.as('one')).limit(1).executeTakeFirst()) return false;
  }
  return true;
}

async function introduce(
  tx: Tx,
  end: { readonly seq: string; readonly hash: string },
  {
    key,
    before,
    lost = false,
  }: { readonly key: AuditSigner; readonly before?: AuditSigner; readonly lost?: boolean },
  at: number,
): Promise<void> {
  const entry: AuditEntry = {
    actor: 'slipway',
    action: 'audit.key',
    result: 'done',
    detail: {
      key: key.publicKey,
      proof: key.sign(introductionText(Number(end.seq) + 1, end.hash)),
      ...(before ? { before: before.publicKey } : {}),
      ...(lost ? { lost } : {}),
    },
  };
  await appendTo(tx, end, entry, before ?? key, at);
  await tx.updateTable('chain').set({ key: key.publicKey }).execute();
}

/** Whether that entry, which another key signed, introduces this one. */
async function isIntroduction(tx: Tx, seq: string, { publicKey }: AuditSigner): Promise<boolean> {
  const row = await withBefore(tx).where('events.seq', '=', seq).executeTakeFirst();
  const proof = row && introductionIn(row.entry)?.proof;
  return (
    proof !== undefined && isSignedBy(publicKey, introductionText(Number(seq), row?.before ?? ''), proof)
  );
}

function unfit(key: string, { publicKey }: AuditSigner): Refusal {
  return new Refusal('audit-key-unfit', { key, own: publicKey });
}
