import type { Notice } from '../../domain/promotion/notice.ts';
import { forEach } from '../run/for-each.ts';
import type { PlaceInQueue } from '../run/ledger.ts';
import type { Ports } from '../run/ports.ts';
import { barriersOf } from './barriers.ts';

/** How long after somebody was called the next one is called, in ms. */
const TURN_MS = 30 * 60_000;
/** How long a process has for posting in the channel before another one tries, in ms. */
const TELLING_MS = 60_000;

/**
 * Tells whoever waits longest for a service that it is free, in the thread of a promotion, and offers what they
 * wanted to ship. Nobody is called while the service is busy, locked or frozen: they stay in the queue.
 */
export async function callNext(ports: Ports, promotionId: string, pauseMs = 0): Promise<void> {
  const { ledger, slack, service } = ports;
  if (!(await isFree(ports))) return;
  const next = await ledger.firstInQueue(service.name, pauseMs);
  if (next === null) return;
  await slack.say(promotionId, `queue:${next.id}`, noticeFor(ports, next));
  await ledger.leaveQueue(next);
}

/** The same when a lock is taken off: in the thread of the newest promotion of the service. */
export async function callWaiting(requests: Services, service: string): Promise<void> {
  const ports = requests.services.get(service);
  const [newest] = ports ? await ports.ledger.recent({ service, limit: 1 }) : [];
  if (ports && newest) await callNext(ports, newest.id);
}

/**
 * Calls people who wait for a service that became free by itself: a lock ran out, a freeze is over, or whoever was called
 * did not come. At most one person of a service in half an hour, whichever process looks. `tell` posts in the channel of a
 * service that has no thread yet; what it throws is thrown at the end, after the other services.
 */
export async function callThoseWhoWait(
  requests: Services,
  tell: (ports: Ports, notice: Extract<Notice, { kind: 'next-in-queue' }>) => Promise<void>,
): Promise<void> {
  const [any] = requests.services.values();
  await forEach(any ? await any.ledger.waitedFor() : [], async (service) => {
    const ports = requests.services.get(service);
    if (!ports || !(await isFree(ports))) return;
    const { ledger, clock } = ports;
    const [newest] = await ledger.recent({ service, limit: 1 });
    if (newest) return callNext(ports, newest.id, TURN_MS);
    const next = await ledger.firstInQueue(service, TURN_MS);
    if (!next || !(await ledger.once(`queue:${next.id}:${Math.floor(clock.now() / TELLING_MS)}`))) return;
    await tell(ports, noticeFor(ports, next));
    await ledger.leaveQueue(next);
  });
}

interface Services {
  readonly services: ReadonlyMap<string, Ports>;
}

async function isFree(ports: Ports): Promise<boolean> {
  if (await ports.ledger.openFor(ports.service.name)) return false;
  return (await barriersOf(ports)).length === 0;
}

function noticeFor({ service }: Ports, { user, wish }: PlaceInQueue) {
  return { kind: 'next-in-queue' as const, service: service.name, user, ...(wish ? { wish } : {}) };
}
