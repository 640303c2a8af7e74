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
