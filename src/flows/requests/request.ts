import type { Outbox, People } from '../../adapters/slack/port.ts';
import type { AuditAction } from '../../domain/audit/actions.ts';
import type { AuditEntry, AuditSource } from '../../domain/audit/entry.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import { Refusal, Unavailable, UnavailableAfterwards } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import { nearest } from '../../domain/text/nearest.ts';
import type { Ledger } from '../run/ledger.ts';
import type { Runs } from '../run/port.ts';
import type { Ports } from '../run/ports.ts';
import { type Reader, readableServices } from './reader.ts';

/** What every request of a person needs: the services, and what they share. */
export interface RequestContext {
  /** By name of the service, in the order of the config. */
  readonly services: ReadonlyMap<string, Ports>;
  /** Those of them that the configuration has no more, and that are here for what is under way. */
  readonly leaving?: ReadonlySet<string>;
  readonly ledger: Ledger;
  readonly runs: Runs;
  readonly people: People;
  readonly threads: Pick<Outbox, 'byThread' | 'cardOf' | 'messageGone' | 'channelMoved'>;
  /** Who looks, where a person does; see `asSeenBy`. */
  readonly reader?: Reader;
  now(): number;
  /** A fresh random id for a promotion of the service: `shop-4f1c9a2b`. */
  newId(service: string): string;
}

/** Who asks, and from where. */
export interface Caller {
  /** Slack user id, or a pipeline; see `pipelineActor`. */
  readonly user: string;
  /** `api`, or the surface of Slack: `command`, `button`, `form`, `thread`, `mention`, `shortcut`. */
  readonly via: string;
  readonly channel?: string | undefined;
  readonly ts?: string | undefined;
  /** Permalink of the message that was clicked or written. */
  readonly link?: string | undefined;
  /** Name of the token of the API. */
  readonly token?: string | undefined;
  /** Names this request: a trigger or event id. The same key twice acts once. */
  readonly key: string;
}

/** The ports of a service. Refusals: `service-unknown` with the nearest name; `not-reader`. */
export function portsOf(requests: RequestContext, service: string): Ports {
  const ports = requests.services.get(service);
  if (ports) requests.reader?.mustRead(service);
  if (ports) return ports;
  const known = [...readableServices(requests).keys()];
  const suggestion = nearest(service, known);
  throw new Refusal('service-unknown', { service, known, ...given({ suggestion: suggestion ?? undefined }) });
}

/** The same for what begins something. Refusals: those of `portsOf`; `service-leaving`. */
export function portsToBegin(requests: RequestContext, service: string): Ports {
  const ports = portsOf(requests, service);
  if (requests.leaving?.has(service)) throw new Refusal('service-leaving', { service });
  return ports;
}

/** What a person asked for, as its row of the audit names it. */
export interface Subject {
  readonly action: AuditAction;
  readonly service?: string;
  readonly promotionId?: string;
  /** Of the promotion as it was when they asked. */
  readonly digest?: string | null;
}

/** What a person asked for about a promotion, as it was then. */
export function about(
  action: AuditAction,
  { id: promotionId, service, digest }: Pick<Promotion, 'id' | 'service' | 'digest'>,
): Subject {
  return { action, service, promotionId, digest };
}

type Row = Required<Pick<AuditEntry, 'detail'>> & Omit<AuditEntry, 'promotionId' | 'service' | 'detail'>;

/** One request while it is served: who asks and from where, and what is known of its row of the audit. */
export class AuditedRequest implements Caller {
  declare readonly user: string;
  declare readonly via: string;
  declare readonly key: string;
  declare readonly channel?: string | undefined;
  declare readonly ts?: string | undefined;
  declare readonly link?: string | undefined;
  declare readonly token?: string | undefined;
  #hasRow = false;
  #isStored = false;

  private constructor(caller: Caller) {
    Object.assign(this, caller);
  }

  /** A new request of this caller; itself where the caller is a request already. */
  static of(caller: Caller): AuditedRequest {
    return caller instanceof AuditedRequest ? caller : new AuditedRequest(caller);
  }

  /** Where it came from, as the audit has it. */
  get source(): AuditSource {
    const { via, channel, ts, link, token } = this;
    return { via, ...given({ channel, ts, link, token }) };
  }

  /** Its row of the audit, to be stored with what it does; `digest` is of the promotion that it is about. */
  row(action: AuditAction, detail: Row['detail'], digest?: string | null): Row {
    const digests = given({ digestBefore: digest, digestAfter: digest });
    return { actor: this.user, action, result: 'done', source: this.source, ...digests, detail };
  }

  /** Runs what stores the request together with its row of the audit. */
  async storing<T>(store: () => Promise<T>): Promise<T> {
    const answer = await store();
    this.markStored();
    return answer;
  }

  /** It is stored, with its row: from now on it will be done, whatever does not answer now. */
  markStored(): void {
    this.#isStored = true;
    this.#hasRow = true;
  }

  /** Writes its row of the audit, unless it has one. */
  async leaveRow(
    ledger: Ledger,
    { digest, ...subject }: Subject,
    result: AuditEntry['result'],
    detail?: AuditEntry['detail'],
  ): Promise<void> {
    if (this.#hasRow) return;
    const { user: actor, source } = this;
    const more = given({ digestBefore: digest, digestAfter: digest, detail });
    await ledger.audit({ actor, ...subject, result, source, ...more });
    this.#hasRow = true;
  }

  /** Runs the work; an Unavailable that it throws once the request is stored becomes UnavailableAfterwards. */
  async sayingWhenStored<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isNews = error instanceof Unavailable && !(error instanceof UnavailableAfterwards);
      throw isNews && this.#isStored ? new UnavailableAfterwards(error) : error;
    }
  }
}

/**
 * Does what a person asked, and leaves exactly one row of it in the audit: the one that was stored with the request,
 * else one that says done, refused with its code, or failed. Calls may be nested, with the request as the caller: the
 * innermost names it best, so its row is the one. What does not answer after the request was stored comes out as
 * UnavailableAfterwards.
 */
export async function audited<T>(
  requests: RequestContext,
  caller: Caller,
  subject: Subject,
  work: (request: AuditedRequest) => Promise<T>,
): Promise<T> {
  const request = AuditedRequest.of(caller);
  const leaveRow = (result: AuditEntry['result'], detail?: AuditEntry['detail']) =>
    request.leaveRow(requests.ledger, subject, result, detail);
  let answer: T;
  try {
    answer = await request.sayingWhenStored(() => work(request));
  } catch (error) {
    if (error instanceof Refusal) await leaveRow('refused', { code: error.code, ...error.facts });
    else {
      const reason = error instanceof Unavailable ? error.what : 'unexpected';
      // The first error is the one that is thrown.
      await leaveRow('failed', { reason }).catch(() => undefined);
    }
    throw error;
  }
  await leaveRow('done');
  return answer;
}
