import { sql } from 'kysely';
import type { Debt, Override } from '../../../domain/policy/override.ts';
import {
  OVERRIDING,
  type OverridingEntry,
  provenDebts,
  provenOverrides,
} from '../../../domain/promotion/proven-overrides.ts';
import type { AuditSigner } from '../../audit/signer.ts';
import type { Session } from '../store.ts';
import { type EventRow, Proof, withBefore } from './proven-entries.ts';

/** See `Ledger.overrides`. Without a key everything counts as it is stored. */
export async function overridesIn(
  session: Session,
  id: string,
  stored: readonly Override[],
  signer: AuditSigner | undefined,
): Promise<readonly Override[]> {
  if (!signer || stored.length === 0) return stored;
  return provenOverrides(stored, await entriesOf(session, signer, [id]));
}

/** Those of the debts that the audit proves, with whose they are and who acknowledged them by it. */
export async function debtsIn(
  session: Session,
  stored: readonly Debt[],
  signer: AuditSigner | undefined,
): Promise<readonly Debt[]> {
  if (!signer || stored.length === 0) return stored;
  const promotions = new Set(stored.map(({ promotionId }) => promotionId));
  return provenDebts(stored, await entriesOf(session, signer, [...promotions]));
}

/** The signed entries of these promotions about overrides. Each stands for itself: what it says has happened. */
async function entriesOf(
  session: Session,
  signer: AuditSigner,
  promotions: readonly string[],
): Promise<readonly OverridingEntry[]> {
  // As the bot has written them: in other letters they are passed over.
  const patterns = OVERRIDING.map((action) => `%"action":"${action}"%`);
  const rows = (await withBefore(session)
    .where('events.promotion_id', 'in', [...promotions])
    .where(sql<boolean>`events.entry::text like any(${patterns})`)
    .orderBy('events.seq')
    .execute()) as readonly EventRow[];
  const proof = new Proof(session, signer);
  const entries: OverridingEntry[] = [];
  for (const row of rows) {
    const isOf = promotions.includes(row.entry.promotionId ?? '');
    if (isOf && (await proof.holds(row))) entries.push({ ...row.entry, at: row.at.getTime() });
  }
  return entries;
}
