import type { WebClient } from '@slack/web-api';
import type { AuditHead } from '../../domain/audit/head.ts';
import type { AdapterContext } from '../shared/context.ts';

/** A place outside of the database that keeps heads of the audit. */
export interface HeadPlace {
  /** For messages: `the file /mnt/heads.ndjson`. The same in all replicas, and different from that of the others. */
  readonly name: string;
  /** A head is published once in so many ms, by one of all replicas. */
  readonly everyMs: number;
  /**
   * Publishes a head. May be called again with a newer one when nobody knows whether it got there; a place that can look
   * then publishes only once for `slot`. Throws Unavailable when the place does not answer, Refusal when it does not want it.
   */
  publish(head: AuditHead, slot: string): Promise<void>;
  /** The newest heads that are kept there, the newest last; absent where they cannot be read back. */
  kept?(): Promise<readonly AuditHead[]>;
}

export interface HeadContext extends AdapterContext {
  readonly slack: WebClient;
  /** The ids that channels of Slack got, by those that they had; absent: none. */
  readonly movedChannels?: () => Promise<ReadonlyMap<string, string>>;
}
