import type { AuditSource } from '../../domain/audit/entry.ts';
import type { Lock, WantedLock } from '../../domain/policy/lock.ts';
import type { ThreadNews } from './thread-news.ts';

/**
 * Locks of services, and of everything. All changes are transactions, with their audit and with a `recheck` for each promotion
 * that waits, to be delivered.
 */
export interface LockStore {
  /**
   * Refusal `locked` when someone else's lock is in force. Over the lock of a rollback, here and when it is stolen,
   * the new one keeps its promotion and its reason and has no end; see `lockOver`.
   */
  lock(lock: WantedLock, source?: AuditSource): Promise<Lock>;
  /**
   * Answers with the lock that was taken off. Refusals: `not-locked`, and `lock-changed` when the one in force is
   * not the one of `since`. `because`: why, for the audit. The promotion that made the lock is `unlocked` then, and its
   * thread is told.
   */
  unlock(
    service: string,
    by: string,
    source?: AuditSource,
    since?: number,
    because?: string,
    told?: (lock: Lock) => ThreadNews,
  ): Promise<Lock>;
  /** The lock in force; expired ones do not count. */
  lockOf(service: string): Promise<Lock | null>;
  /** All locks in force, oldest first. */
  locks(): Promise<readonly Lock[]>;

  /**
   * Takes the lock over, whoever has it; `from` is the one that was in force. Refusal `locked` when another one than
   * `over` is in force by then, where that is given. The thread of the promotion that made it is told, where there is
   * something to say.
   */
  stealLock(
    lock: WantedLock,
    source?: AuditSource,
    over?: Pick<Lock, 'since'> | null,
    told?: (lock: Lock, from: Lock) => ThreadNews | undefined,
  ): Promise<{ readonly lock: Lock; readonly from: Lock | null }>;
}
