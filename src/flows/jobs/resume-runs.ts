import { OPEN_STATES, type PromotionData } from '../../domain/promotion/promotion.ts';
import type { RequestContext } from '../requests/request.ts';

/**
 * For the start of the bot: starts the run of every open promotion that has none, as a process may have died between
 * storing the one and starting the other, and shows the cards as they are stored.
 */
export async function resumeAll(requests: RequestContext): Promise<void> {
  const open = await requests.ledger.recent({ states: OPEN_STATES, limit: 1_000 });
  for (const { id, service, data } of open) {
    const ports = requests.services.get(service);
    if (!ports) continue;
    await startRun(requests, id, data);
    await ports.slack.refresh(id);
  }
}

/** A promotion that has not changed for so long since its beginning may have no run, in ms. */
const LATE_MS = 60_000;

/** The same while the bot runs, for what another process left when it died: promotions that never moved on. */
export async function startMissingRuns(requests: RequestContext): Promise<void> {
  const begun = await requests.ledger.recent({ states: ['checking', 'rolling-back'], limit: 1_000 });
  for (const { id, service, data, updatedAt } of begun) {
    if (requests.services.has(service) && requests.now() - updatedAt > LATE_MS)
      await startRun(requests, id, data);
  }
}

async function startRun(
  requests: RequestContext,
  id: string,
  { run, rollbackOrder }: PromotionData,
): Promise<void> {
  if (run !== undefined && rollbackOrder) {
    await requests.runs.start('rollback', run, { promotionId: id, ...rollbackOrder });
  } else {
    await requests.runs.start('promote', id, { promotionId: id });
  }
}
