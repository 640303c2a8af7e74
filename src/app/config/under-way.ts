import { OPEN_STATES, type Promotion } from '../../domain/promotion/promotion.ts';
import type { Ledger } from '../../flows/run/ledger.ts';

const MOST_OPEN = 1_000;

export function openPromotions(ledger: Pick<Ledger, 'recent'>): Promise<readonly Promotion[]> {
  return ledger.recent({ states: OPEN_STATES, limit: MOST_OPEN });
}

/** Services with an open promotion, and with overrides that nobody has acknowledged; `text` is another one when they change. */
export async function underWay(ledger: Pick<Ledger, 'recent' | 'openDebts'>) {
  const [open, debts] = await Promise.all([openPromotions(ledger), ledger.openDebts()]);
  const busy = new Set(open.map(({ service }) => service).sort());
  const owing = new Set(debts.map(({ service }) => service).sort());
  return { open, busy, owing, text: JSON.stringify([[...busy], [...owing]]) };
}

/** What is of no use without its service, and holds again for one of that name. */
export async function leftBehind(
  ledger: Pick<Ledger, 'locks' | 'waitedFor'>,
  gone: readonly string[],
): Promise<readonly string[]> {
  if (gone.length === 0) return [];
  const [locks, waited] = await Promise.all([ledger.locks(), ledger.waitedFor()]);
  return gone.flatMap((name) => [
    ...locks
      .filter(({ service }) => service === name)
      .map(
        ({ reason }) =>
          `The lock of ${name} (${reason}) holds for that name only: lock the service anew if it has another name now.`,
      ),
    ...(waited.includes(name) ? [`People wait for ${name}, and are called for that name only.`] : []),
  ]);
}
