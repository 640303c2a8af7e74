import type { DeskStore, People } from '../../adapters/desk/port.ts';
import { nearest } from '../../domain/nearest.ts';
import type { Promotion } from '../../domain/promotion.ts';
import { Refusal } from '../../domain/refusal.ts';
import type { AuditEntry, Ledger } from '../ledger.ts';
import type { Ports } from '../ports.ts';
import type { Runs } from '../run.ts';

/** What the requests of people are served with: everything that all services share. */
export interface Office {
  /** By name of the service, in the order of the config. */
  readonly services: ReadonlyMap<string, Ports>;
  readonly ledger: Ledger;
  readonly runs: Runs;
  readonly people: People;
  readonly threads: Pick<DeskStore, 'byThread' | 'cardOf'>;
  now(): number;
  /** A fresh random id for a promotion of the service: `shop-4f1c9a2b`. */
  newId(service: string): string;
}

/** Who asks, and from where. */
export interface Caller {
  /** Slack user id. */
  readonly user: string;
  /** `command`, `button`, `thread`, `shortcut`, `offer`. */
  readonly via: string;
  readonly channel?: string;
  readonly ts?: string;
  /** What makes this request itself: a trigger or event id; the same key twice acts once. */
  readonly key: string;
}

/** The ports of a service; Refusal `service-unknown` with the nearest name. */
export function portsOf(office: Office, service: string): Ports {
  const ports = office.services.get(service);
  if (ports) return ports;
  const known = [...office.services.keys()];
  const suggestion = nearest(service, known);
  throw new Refusal('service-unknown', { service, known, ...(suggestion ? { suggestion } : {}) });
}

/** Does what a person asked; a refusal of it goes into the audit with its code before it is answered. */
export async function audited<T>(
  office: Office,
  caller: Caller,
  subject: { readonly action: string; readonly service?: string; readonly promotionId?: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) {
      const detail = { code: error.code, ...error.facts };
      await office.ledger.audit({
        actor: caller.user,
        ...subject,
        result: 'refused',
        source: sourceOf(caller),
        detail,
      });
    }
    throw error;
  }
}

export function sourceOf(caller: Caller): NonNullable<AuditEntry['source']> {
  const { via, channel, ts } = caller;
  return { via, ...(channel === undefined ? {} : { channel }), ...(ts === undefined ? {} : { ts }) };
}

/** Messages go to the run in charge: the promotion's own, or that of a later rollback. */
export function runOf(promotion: Promotion): string {
  return promotion.data.run ?? promotion.id;
}
