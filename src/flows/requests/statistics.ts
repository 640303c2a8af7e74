import { type DoraFigures, doraFigures } from '../../domain/statistics/dora.ts';
import type { Ledger } from '../run/ledger.ts';

/** Over how many days the figures are shown, the shorter time first. */
const SHOWN_DAYS = [30, 90] as const;
const DAY_MS = 86_400_000;

/** The figures of a service as they are shown: over 30 and over 90 days. One query. */
export async function figuresOf(
  { ledger, now }: { readonly ledger: Pick<Ledger, 'deliveries'>; now(): number },
  service: string,
  shown: readonly number[] = SHOWN_DAYS,
): Promise<readonly DoraFigures[]> {
  const toMs = now();
  const all = await ledger.deliveries(service, toMs - Math.max(...shown) * DAY_MS);
  return shown.map((days) => doraFigures(service, all, { days, toMs }));
}
