import type { Outbox, People } from '../../adapters/slack/port.ts';
import type { AuditAction } from '../../domain/audit/actions.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable, UnavailableAfterwards } from '../../domain/refusals/refusal.ts';
import { nearest } from '../../domain/text/nearest.ts';
import type { AuditEntry, Ledger } from '../run/ledger.ts';
import type { Runs } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';

/** What the requests of people are served with: everything that all services share. */
export interface RequestContext {
  /** By name of the service, in the order of the config. */
  readonly services: ReadonlyMap<string, Ports>;
  readonly ledger: Ledger;
  readonly runs: Runs;
  readonly people: People;
  readonly threads: Pick<Outbox, 'byThread' | 'cardOf'>;
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
  /** Permalink of the message that was clicked or written. */
  readonly link?: string;
  /** What makes this request itself: a trigger or event id; the same key twice acts once. */
  readonly key: string;
}

/** The ports of a service; Refusal `service-unknown` with the nearest name. */
export function portsOf(requests: RequestContext, service: string): Ports {
  const ports = requests.services.get(service);
  if (ports) return ports;
  const known = [...requests.services.keys()];
  const suggestion = nearest(service, known);
  throw new Refusal('service-unknown', { service, known, ...(suggestion ? { suggestion } : {}) });
}

/** What a person asked for, as its row of the audit names it. */
export interface Subject {
  readonly action: AuditAction;
  readonly service?: string;
  readonly promotionId?: string;
  /** Of the promotion as it was when they asked. */
  readonly digest?: string | null;
}

/** Requests whose row is written. */
const written = new WeakSet<Caller>();
/** Those that are stored: they are done in the end, whatever does not answer now. */
const stored = new WeakSet<Caller>();

/**
 * Does what a person asked, and leaves exactly one row of it in the audit: the one that the work wrote with
 * `leavingRow`, else one that says done, refused with its code, or failed. Calls may be nested; the innermost
 * names the request best, so its row is the one. What does not answer after the work stored the request comes out as
 * UnavailableAfterwards.
 */
export async function audited<T>(
  requests: RequestContext,
  caller: Caller,
  { digest, ...subject }: Subject,
  work: () => Promise<T>,
): Promise<T> {
  const row = async (result: AuditEntry['result'], detail?: AuditEntry['detail']) => {
    if (written.has(caller)) return;
    await requests.ledger.audit({
      actor: caller.user,
      ...subject,
      result,
      source: sourceOf(caller),
      ...(digest === undefined ? {} : { digestBefore: digest, digestAfter: digest }),
      ...(detail === undefined ? {} : { detail }),
    });
    written.add(caller);
  };
  let answer: T;
  try {
    answer = await sayingWhenStored(caller, work);
  } catch (error) {
    if (error instanceof Refusal) await row('refused', { code: error.code, ...error.facts });
    else
      await row('failed', { reason: error instanceof Unavailable ? error.what : 'unexpected' }).catch(() => {
        // The fault that people hear of is the first one.
      });
    throw error;
  }
  await row('done');
  return answer;
}

/** Runs what stores a request together with its row of the audit. */
export async function leavingRow<T>(caller: Caller, store: () => Promise<T>): Promise<T> {
  const answer = await store();
  stored.add(caller);
  written.add(caller);
  return answer;
}

/** An Unavailable that comes when the request is already stored says so. */
export async function sayingWhenStored<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isNews = error instanceof Unavailable && !(error instanceof UnavailableAfterwards);
    throw isNews && stored.has(caller) ? new UnavailableAfterwards(error) : error;
  }
}

export function sourceOf(caller: Caller): NonNullable<AuditEntry['source']> {
  const { via, channel, ts, link } = caller;
  return {
    via,
    ...(channel === undefined ? {} : { channel }),
    ...(ts === undefined ? {} : { ts }),
    ...(link === undefined ? {} : { link }),
  };
}

/** Messages go to the run in charge: the promotion's own, or that of a later rollback. */
export function runOf(promotion: Promotion): string {
  return promotion.data.run ?? promotion.id;
}
