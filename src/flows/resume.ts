import { OPEN_STATES } from '../domain/promotion.ts';
import type { Office } from './requests/office.ts';

/**
 * After a start: every open promotion has its run (a process may have died between storing the one and starting
 * the other), and its card is shown as it is stored.
 */
export async function resumeAll(office: Office): Promise<void> {
  const open = await office.ledger.recent({ states: OPEN_STATES, limit: 1_000 });
  for (const { id, service, data } of open) {
    const ports = office.services.get(service);
    if (!ports) continue;
    const { run, rollbackOrder } = data;
    if (run !== undefined && rollbackOrder)
      await office.runs.start('rollback', run, { promotionId: id, ...rollbackOrder });
    else await office.runs.start('promote', id, { promotionId: id });
    await ports.desk.refresh(id);
  }
}
