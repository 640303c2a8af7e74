import type { OwnRollback } from '../../domain/promotion/alarm.ts';
import { rollbackTakesMs, usualDurations } from '../../domain/promotion/earlier/usual-durations.ts';
import type { RunMessage } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import type { PromotionRun } from '../run/promotion-run.ts';

/** Among so many promotions earlier rollbacks are looked for. */
const RECENT = 30;

/** Shorter than that is nothing that people wait for, ms. */
const LEAST_MS = 1_000;

/** A rollback that begins by itself in so many ms, and how long it takes, as the card has it. */
export async function ownRollback(
  { ledger, service, clock }: Pick<Ports, 'ledger' | 'service' | 'clock'>,
  id: string,
  stopMs: number,
): Promise<OwnRollback | undefined> {
  if (stopMs === 0) return undefined;
  const { deployment } = (await ledger.get(id)).data;
  const recent = await ledger.recent({ service: service.name, limit: RECENT });
  const takesMs = rollbackTakesMs({ usual: usualDurations(recent), ...(deployment ? { deployment } : {}) });
  return { until: clock.now() + stopMs, ...(takesMs === null || takesMs < LEAST_MS ? {} : { takesMs }) };
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
