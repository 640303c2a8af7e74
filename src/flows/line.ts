import type { Notice } from '../domain/notice.ts';
import { barriersOf } from './barriers.ts';
import type { Ports } from './ports.ts';

/** How long whoever was called has the service for themselves before the next one is called too, in ms. */
const TURN_MS = 30 * 60_000;

/**
 * Tells whoever waits longest for a service that it is free, in the thread of a promotion, and offers what they
 * wanted to ship. Nobody is called while the service is busy, locked or frozen: they stay in line.
 */
export async function callNext(ports: Ports, promotionId: string, key: string): Promise<void> {
  const { ledger, desk, service } = ports;
  if (!(await isFree(ports))) return;
  const next = await ledger.nextInLine(service.name);
  if (next === null) return;
  await ledger.once(turnOf(ports));
  await desk.say(promotionId, key, { kind: 'next-in-line', service: service.name, ...next });
}

/** The same when a lock is taken off: in the thread of the newest promotion of the service. */
export async function callWaiting(office: Services, service: string, key: string): Promise<void> {
  const ports = office.services.get(service);
  const [newest] = ports ? await ports.ledger.recent({ service, limit: 1 }) : [];
  if (ports && newest) await callNext(ports, newest.id, `${key}:next-in-line`);
}

/**
 * Calls those who wait for what became free by itself: a lock ran out, a freeze is over, or whoever was called
 * did not come. One person of a service per half hour, whoever looks. `tell` reaches people in the channel of a
 * service that has no thread yet.
 */
export async function callThoseWhoWait(
  office: Services,
  tell: (ports: Ports, notice: Extract<Notice, { kind: 'next-in-line' }>) => Promise<void>,
): Promise<void> {
  const [any] = office.services.values();
  for (const service of any ? await any.ledger.waitedFor() : []) {
    const ports = office.services.get(service);
    if (!ports || !(await isFree(ports))) continue;
    const turn = turnOf(ports);
    if (!(await ports.ledger.once(turn))) continue;
    const [newest] = await ports.ledger.recent({ service, limit: 1 });
    if (newest) {
      await callNext(ports, newest.id, `${turn}:next-in-line`);
    } else {
      const next = await ports.ledger.nextInLine(service);
      if (next) await tell(ports, { kind: 'next-in-line', service, ...next });
    }
  }
}

interface Services {
  readonly services: ReadonlyMap<string, Ports>;
}

async function isFree(ports: Ports): Promise<boolean> {
  if (await ports.ledger.openFor(ports.service.name)) return false;
  return (await barriersOf(ports)).length === 0;
}

function turnOf({ service, clock }: Ports): string {
  return `turn:${service.name}:${Math.floor(clock.now() / TURN_MS)}`;
}
