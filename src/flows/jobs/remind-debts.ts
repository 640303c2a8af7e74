import { reminderDue } from '../../domain/policy/override.ts';
import { acknowledgersInWords } from '../../domain/policy/policy.ts';
import type { RequestContext } from '../requests/request.ts';

/**
 * Reminds the threads of the debts that are still open. Each reminder is said once, by whichever process, and only the
 * newest one that is due, so that there is one after an outage and not five.
 */
export async function remindOfDebts(
  requests: Pick<RequestContext, 'services' | 'ledger' | 'now'>,
): Promise<void> {
  const now = requests.now();
  for (const debt of await requests.ledger.openDebts()) {
    const ports = requests.services.get(debt.service);
    const reminder = reminderDue(debt, now);
    if (!ports || reminder === 0) continue;
    await ports.slack.say(debt.promotionId, `debt:${debt.id}:${reminder}`, {
      kind: 'debt-reminder',
      debt,
      isOverdue: now >= debt.due,
      approvers: acknowledgersInWords(ports.service.policy),
    });
  }
}
