import type { AuditEntry } from '../../domain/audit/entry.ts';
import type { Sequence } from '../../domain/schedule/sequence.ts';

/** A sequence with what it becomes. */
export interface SequenceChange {
  readonly sequence: Sequence;
  /** Nothing is left to be done or shown. */
  readonly isSettled?: boolean;
  /** Written in the same transaction. */
  readonly audit?: AuditEntry;
}

/** What people planned to ship: services one after the other, or at a time. */
export interface SequenceLedger {
  /**
   * Stores what somebody planned, with `sequence.planned` in the audit. Refusal `already-planned` where one of the services
   * waits for its start already; then nothing is stored.
   */
  plan(sequence: Sequence): Promise<void>;
  sequence(id: string): Promise<Sequence | null>;
  /** Those for which there is still something to be done or shown, oldest first. */
  unsettled(): Promise<readonly Sequence[]>;
  /**
   * Changes it by what it is now, one process at a time; `change` answers null to leave it. Services that are started, or
   * will not be, can be planned anew. Answers with what is stored then; null where there is none of that id.
   */
  changeSequence(id: string, change: (now: Sequence) => SequenceChange | null): Promise<Sequence | null>;
}
