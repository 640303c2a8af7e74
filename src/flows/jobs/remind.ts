import { reminderDue } from '../../domain/policy/override.ts';
import { acknowledgersInWords } from '../../domain/policy/policy.ts';
import { callDue, undecided } from '../../domain/promotion/asking/undecided.ts';
import type { PromotionState } from '../../domain/promotion/promotion.ts';
import type { RequestContext } from '../requests/request.ts';
import { forEach } from '../run/for-each.ts';
import { whoIsCalled } from '../watch/called-for.ts';

const MOST = 1_000;
const WAITING: readonly PromotionState[] = ['blocked', 'releasing', 'deploying', 'verifying', 'rolling-back'];
/** How long a process has for calling people before another one tries, in ms. Longer than it takes to ask who they are. */
const CALLING_MS = 60_000;

/**
 * Calls more people for releases, deployments, health checks and rollbacks that failed and that nobody decides about: those
 * who approve, then whoever is on call, at growing intervals, until somebody takes it. Each call is said once, by
 * whichever process, and only the newest that is due.
 */
export async function remindOfUndecided({
  services,
  ledger,
  now,
}: Pick<RequestContext, 'services' | 'ledger' | 'now'>): Promise<void> {
  await forEach(await ledger.recent({ states: WAITING, limit: MOST }), async (promotion) => {
    const ports = services.get(promotion.service);
    const waits = undecided(promotion);
    if (ports === undefined || waits === null || waits.taken !== undefined) return;
    const { since, failed } = waits;
    const nr = callDue(since, now(), ports.service.monitoring.checkpointMs);
    const key = `untaken:${promotion.id}:${since}:${nr}`;
    if (nr === 0 || !(await ledger.tryOffer(key, CALLING_MS))) return;
    const called = await whoIsCalled(ports, nr === 1 ? 'approvers' : 'on-call');
    const notice = { kind: 'undecided', failed, since, forMs: now() - since, ...called } as const;
    await ports.slack.say(promotion.id, key, notice);
    await ledger.offerMade(key);
  });
}

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
