import type { AuditAction } from './actions.ts';

/** Where a request came from: the surface, and the message or button. */
export interface AuditSource {
  readonly via: string;
  readonly channel?: string;
  readonly ts?: string;
  /** Permalink of the message. */
  readonly link?: string;
  /** Name of the token of the API. */
  readonly token?: string;
}

/** One row of the audit, before it is chained. */
export interface AuditEntry {
  /** Slack user id, a pipeline (see `pipelineActor`), or `slipway`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** `failed`: neither done nor refused, because something did not work. */
  readonly result: 'done' | 'refused' | 'failed';
  readonly service?: string;
  readonly promotionId?: string;
  readonly source?: AuditSource;
  readonly digestBefore?: string | null;
  readonly digestAfter?: string | null;
  /** Facts of the action; plain JSON, never a secret. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** What the audit keeps of an event; whoever records it adds whose it is. */
export type EventAudit = Omit<AuditEntry, 'service' | 'promotionId' | 'source'>;

/** The audit of what the bot itself did. */
export function bySlipway(
  action: AuditAction,
  detail?: EventAudit['detail'],
  result: EventAudit['result'] = 'done',
): EventAudit {
  return { actor: 'slipway', action, result, ...(detail === undefined ? {} : { detail }) };
}

/** The audit of what a person did; null is the bot itself. */
export function byPerson(by: string | null, action: AuditAction, detail?: EventAudit['detail']): EventAudit {
  return { ...bySlipway(action, detail), actor: by ?? 'slipway' };
}
