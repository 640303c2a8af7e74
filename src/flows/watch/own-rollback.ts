import type { OwnRollback } from '../../domain/promotion/alarm.ts';
import { rollbackTakesMs } from '../../domain/promotion/earlier/usual-durations.ts';
import type { RollbackOrder } from '../../domain/promotion/promotion.ts';
import { given } from '../../domain/text/given.ts';
import type { RunMessage } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** The order to go back, as the outcome of a step. */
export type Undo = { readonly kind: 'rollback' } & RollbackOrder;

/** Whoever cancels while two releases share production goes back. */
export function goingBack({ by, reason }: RollbackOrder): Undo {
  return { kind: 'rollback', by, reason };
}

/** A rollback that begins by itself in so many ms, and how long it takes, as the card has it. */
export async function ownRollback(
  { ledger, clock }: Pick<Ports, 'ledger' | 'clock'>,
  id: string,
  stopMs: number | undefined,
): Promise<OwnRollback | undefined> {
  if (!stopMs) return undefined;
  const takesMs = rollbackTakesMs((await ledger.get(id)).data);
  return { until: clock.now() + stopMs, ...given({ takesMs: takesMs ?? undefined }) };
}

/** Waits so long whether a person stops it, or orders a rollback of their own; null when it goes on. */
export async function stoppedInTime(
  run: PromotionRun,
  stopMs: number | undefined,
): Promise<Extract<RunMessage, { kind: 'stop' | 'rollback' }> | null> {
  if (!stopMs) return null;
  const inTime = await run.inbox.next(['stop', 'rollback'], stopMs);
  if (inTime !== null) return inTime;
  // Pressed while the time ran out: whoever presses later is refused.
  return run.inbox.next(['stop', 'rollback'], 0);
}
