import { remindOfDebts } from '../flows/jobs/remind-debts.ts';
import { remindOfUndecided } from '../flows/jobs/remind-undecided.ts';
import { callThoseWhoWait } from '../flows/locks/queue.ts';
import { forEach } from '../flows/run/for-each.ts';
import type { HandlerContext } from '../handlers/support/context.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/**
 * Calls people for what failed and nobody decides about, reminds of overrides that nobody has acknowledged, and calls
 * those who wait in the queue of a service that became free. What is due is read from what is stored, so a restart
 * forgets nothing.
 */
export function startReminders({ requests, log }: Pick<HandlerContext, 'requests' | 'log'>): Repeated {
  const work = [
    () => remindOfUndecided(requests),
    () => remindOfDebts(requests),
    () => callThoseWhoWait(requests),
  ];
  return repeat(EVERY.tenSeconds, () => forEach(work, (one) => one()), {
    log,
    trouble: 'who waits could not be looked at',
  });
}
