import { barriersOf } from './barriers.ts';
import type { Ports } from './ports.ts';

/**
 * Tells whoever waits longest for a service that it is free, in the thread of a promotion, and offers what they
 * wanted to ship. Nobody is called while the service is busy, locked or frozen: they stay in line.
 */
export async function callNext(ports: Ports, promotionId: string, key: string): Promise<void> {
  const { ledger, desk, service } = ports;
  if (await ledger.openFor(service.name)) return;
  if ((await barriersOf(ports)).length > 0) return;
  const next = await ledger.nextInLine(service.name);
  if (next === null) return;
  await desk.say(promotionId, key, { kind: 'next-in-line', service: service.name, ...next });
}

/** The same when a lock or a freeze is over: in the thread of the newest promotion of the service. */
export async function callWaiting(
  office: { readonly services: ReadonlyMap<string, Ports> },
  service: string,
  key: string,
): Promise<void> {
  const ports = office.services.get(service);
  const [newest] = ports ? await ports.ledger.recent({ service, limit: 1 }) : [];
  if (ports && newest) await callNext(ports, newest.id, `${key}:next-in-line`);
}
