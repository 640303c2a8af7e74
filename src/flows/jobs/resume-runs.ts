import { OPEN_STATES, type PromotionData } from '../../domain/promotion/promotion.ts';
import type { Office } from '../requests/request.ts';

/**
 * After a start: every open promotion has its run (a process may have died between storing the one and starting
 * the other), and its card is shown as it is stored.
 */
export async function resumeAll(office: Office): Promise<void> {
  const open = await office.ledger.recent({ states: OPEN_STATES, limit: 1_000 });
  for (const { id, service, data } of open) {
    const ports = office.services.get(service);
    if (!ports) continue;
    await startRun(office, id, data);
    await ports.desk.refresh(id);
  }
}

/** How long a promotion may stand at its beginning before its run is looked for, in ms. */
const LATE_MS = 60_000;

/** The same while we run, for what another process left when it died: promotions that never came to move. */
export async function startMissingRuns(office: Office): Promise<void> {
  const begun = await office.ledger.recent({ states: ['checking', 'rolling-back'], limit: 1_000 });
  for (const { id, service, data, updatedAt } of begun) {
    if (office.services.has(service) && office.now() - updatedAt > LATE_MS) await startRun(office, id, data);
  }
}

async function startRun(office: Office, id: string, { run, rollbackOrder }: PromotionData): Promise<void> {
  if (run !== undefined && rollbackOrder) {
    await office.runs.start('rollback', run, { promotionId: id, ...rollbackOrder });
  } else {
    await office.runs.start('promote', id, { promotionId: id });
  }
}
