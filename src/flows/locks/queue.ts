import { given } from '../../domain/text/given.ts';
import { forEach } from '../run/for-each.ts';
import type { Ports } from '../run/ports.ts';
import { barriersOf } from './barriers.ts';

/** How long after somebody was called the next one is called, in ms. */
const TURN_MS = 30 * 60_000;
/**
 * Tells whoever waits longest for a service that it is free, in a direct message, and offers what they wanted to ship.
 * Nobody is called while the service is busy, locked or frozen: they stay in the queue.
 */
export async function callNext(ports: Ports, pauseMs = 0): Promise<void> {
  const { ledger, service } = ports;
  if (!(await isFree(ports))) return;
  const next = await ledger.firstInQueue(service.name, pauseMs);
  if (next === null) return;
  const { user, wish } = next;
  const prompt = { kind: 'turn', service: service.name, user, ...given({ wish }) } as const;
  await ledger.putPrompt({ key: `queue:${service.name}:${next.id}`, place: { channel: user }, prompt });
  await ledger.leaveQueue(next);
}

/**
 * Calls people who wait for a service that became free by itself: a lock ran out, a freeze is over, or whoever was called
 * did not come. At most one person of a service in half an hour, whichever process looks.
 */
export async function callThoseWhoWait(requests: {
  readonly services: ReadonlyMap<string, Ports>;
}): Promise<void> {
  const [any] = requests.services.values();
  await forEach(any ? await any.ledger.waitedFor() : [], async (service) => {
    const ports = requests.services.get(service);
    if (ports) await callNext(ports, TURN_MS);
  });
}

async function isFree(ports: Ports): Promise<boolean> {
  if (await ports.ledger.openFor(ports.service.name)) return false;
  return (await barriersOf(ports)).length === 0;
}
