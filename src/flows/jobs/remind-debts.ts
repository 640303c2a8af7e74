import { reminderDue } from '../../domain/policy/override.ts';
import { acknowledgersInWords } from '../../domain/policy/policy.ts';
import type { Office } from '../requests/request.ts';

/**
 * Reminds the threads of the debts that are still open. Each reminder is said once, whoever says it, and only the
 * newest one that is due: after an outage nobody hears five at once.
 */
export async function remindOfDebts(office: Pick<Office, 'services' | 'ledger' | 'now'>): Promise<void> {
  const now = office.now();
  for (const debt of await office.ledger.openDebts()) {
    const ports = office.services.get(debt.service);
    const reminder = reminderDue(debt, now);
    if (!ports || reminder === 0) continue;
    await ports.desk.say(debt.promotionId, `debt:${debt.id}:${reminder}`, {
      kind: 'debt-reminder',
      debt,
      isOverdue: now >= debt.due,
      approvers: acknowledgersInWords(ports.service.policy),
    });
  }
}
