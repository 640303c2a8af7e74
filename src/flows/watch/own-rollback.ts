import type { OwnRollback } from '../../domain/promotion/alarm.ts';
import { rollbackTakesMs } from '../../domain/promotion/earlier/usual-durations.ts';
import type { RunMessage } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** A rollback that begins by itself in so many ms, and how long it takes, as the card has it. */
export async function ownRollback(
  { ledger, clock }: Pick<Ports, 'ledger' | 'clock'>,
  id: string,
  stopMs: number,
): Promise<OwnRollback | undefined> {
  if (stopMs === 0) return undefined;
  const takesMs = rollbackTakesMs((await ledger.get(id)).data);
  return { until: clock.now() + stopMs, ...(takesMs === null ? {} : { takesMs }) };
}

/** Waits so long whether a person stops it, or orders a rollback of their own; null when it goes on. */
export async function stoppedInTime(
  run: PromotionRun,
  stopMs: number,
): Promise<Extract<RunMessage, { kind: 'stop' | 'rollback' }> | null> {
  if (stopMs === 0) return null;
  const inTime = await run.inbox.next(['stop', 'rollback'], stopMs);
  if (inTime !== null) return inTime;
  // Pressed while the time ran out: whoever presses later is refused.
  return run.inbox.next(['stop', 'rollback'], 0);
}
