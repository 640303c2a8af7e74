import { type Debt, Override } from '../policy/override.ts';
import type { ProvingEntry } from './proofs.ts';

/** With when it was written, in ms since the epoch. */
export type OverridingEntry = ProvingEntry & { readonly at: number };

/** The actions of entries that are written when a person breaks the glass, or acknowledges that somebody did. */
export const OVERRIDING = [
  'promotion.opened',
  'promotion.override',
  'override.used',
  'debt.acknowledged',
] as const;

/**
 * Those of the overrides that somebody asked for by these entries, over the same barriers, with who acknowledged them by
 * the entries. What they say of themselves otherwise does not count.
 */
export function provenOverrides(
  overrides: readonly Override[],
  entries: readonly OverridingEntry[],
): readonly Override[] {
  const asked = entries.flatMap(askedIn);
  return overrides.flatMap((one) => {
    const proof = asked.find(({ id, by }) => id === one.id && by === one.by);
    if (proof === undefined) return [];
    const { acknowledged: _, ...bare } = one;
    const acknowledged = acknowledgedIn(entries, proof);
    const { barriers, due, at } = proof;
    return [{ ...bare, barriers, due, at, ...(acknowledged ? { acknowledged } : {}) }];
  });
}

/** The debts that the entries prove, with whose they are, and who acknowledged them. */
export function provenDebts(debts: readonly Debt[], entries: readonly OverridingEntry[]): readonly Debt[] {
  return debts.flatMap((one) => {
    const { acknowledged: _, ...bare } = one;
    const proof = entries.find(
      ({ action, result, promotionId, detail = {} }) =>
        action === 'override.used' &&
        result === 'done' &&
        promotionId === one.promotionId &&
        detail['debt'] === one.id,
    );
    if (proof === undefined) return [];
    const acknowledged = acknowledgedIn(entries, { id: one.id, by: proof.actor });
    return [{ ...bare, by: proof.actor, ...(acknowledged ? { acknowledged } : {}) }];
  });
}

/** What the entry says that its actor asked for, and not what somebody else would have asked for. */
function askedIn({ action, result, actor, detail = {} }: ProvingEntry): readonly Override[] {
  if (result !== 'done') return [];
  const listed = action === 'promotion.opened' ? detail['overrides'] : null;
  const found = action === 'promotion.override' ? [detail['override']] : Array.isArray(listed) ? listed : [];
  return found.flatMap((one) => {
    const override = Override.safeParse(one).data;
    return override?.by === actor ? [override] : [];
  });
}

/** A second person did, later than the debt began: nobody acknowledges their own. */
function acknowledgedIn(
  entries: readonly OverridingEntry[],
  { id, by }: Pick<Override, 'id' | 'by'>,
): Override['acknowledged'] | null {
  const entry = entries.find(
    ({ action, result, actor, detail = {} }) =>
      action === 'debt.acknowledged' && result === 'done' && detail['debt'] === id && actor !== by,
  );
  return entry ? { by: entry.actor, at: entry.at } : null;
}
