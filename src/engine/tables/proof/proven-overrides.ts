import type { Debt, Override } from '../../../domain/policy/override.ts';
import {
  OVERRIDING,
  type OverridingEntry,
  provenDebts,
  provenOverrides,
} from '../../../domain/promotion/proven-overrides.ts';
import type { Session } from '../store.ts';
import { type EventRow, ofActions, provenRows, withBefore } from './proven-entries.ts';

/** See `Ledger.overrides`. Without a key everything counts as it is stored. */
export async function overridesIn(
  session: Session,
  id: string,
  stored: readonly Override[],
): Promise<readonly Override[]> {
  if (!session.signer || stored.length === 0) return stored;
  return provenOverrides(stored, await entriesOf(session, [id]));
}

/** Those of the debts that the audit proves, with whose they are and who acknowledged them by it. */
export async function debtsIn(session: Session, stored: readonly Debt[]): Promise<readonly Debt[]> {
  if (!session.signer || stored.length === 0) return stored;
  const promotions = new Set(stored.map(({ promotionId }) => promotionId));
  return provenDebts(stored, await entriesOf(session, [...promotions]));
}

/** The signed entries of these promotions about overrides. */
async function entriesOf(
  session: Session,
  promotions: readonly string[],
): Promise<readonly OverridingEntry[]> {
  const query = withBefore(session)
    .where('events.promotion_id', 'in', [...promotions])
    .where(ofActions(OVERRIDING));
  const isOf = ({ entry }: EventRow) => promotions.includes(entry.promotionId ?? '');
  const rows = await provenRows(session, query, isOf);
  return rows.map(({ entry, at }) => ({ ...entry, at: at.getTime() }));
}
