import type { AuditEntry, AuditSource } from '../../domain/audit/entry.ts';
import type { FormChoice, Subscription } from '../../domain/habits/habits.ts';
import type { Lock, WantedLock } from '../../domain/policy/lock.ts';
import type { NewPrompt, PromptOutcome, StoredPrompt } from '../../domain/promotion/asking/prompt.ts';
import type { Notice } from '../../domain/promotion/notice.ts';
import type { Promotion } from '../../domain/promotion/promotion.ts';
import type { Sequence } from '../../domain/schedule/sequence.ts';
import type { DeliveredRelease } from '../../domain/statistics/delivery.ts';

/**
 * What the thread of a promotion hears of a change, once for this key. It is stored in the transaction of the change, which
 * also asks for the card to be shown anew: whoever dies afterwards, people hear of what was decided.
 */
export interface ThreadNews {
  readonly key: string;
  readonly notice: Notice;
}

/** What reached production. Times are ms since the epoch. */
export interface DeliveryStore {
  /** Of a service since then; oldest first. */
  deliveries(service: string, sinceMs: number): Promise<readonly DeliveredRelease[]>;
  /** The promotions, as they are now, whose release reached production since then, or was taken back since; oldest first. */
  deliveredOrBack(sinceMs: number): Promise<readonly Pick<Promotion, 'id' | 'service' | 'state'>[]>;
}

/** What people have set for themselves. */
export interface HabitStore {
  /** Twice is once, and keeps the first time. */
  subscribe(person: string, service: string): Promise<void>;
  /** Without a service: from all. False when there was none. */
  unsubscribe(person: string, service?: string): Promise<boolean>;
  /** Of one person, or of all people. */
  subscriptions(person?: string): Promise<readonly Subscription[]>;
  /** In place of what they chose before. */
  rememberChoice(person: string, choice: FormChoice): Promise<void>;
  choiceOf(person: string): Promise<FormChoice | null>;
}

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

/** Messages with buttons outside of the threads of promotions, as far as they are. */
export interface PromptStore {
  /** A message with buttons is to be posted outside of a thread, once for this key. */
  putPrompt(prompt: NewPrompt): Promise<void>;
  /** Those that are to be posted, and those that show their buttons; first those that somebody waits for, else oldest first. */
  openPrompts(): Promise<readonly StoredPrompt[]>;
  /** One of them, by its key or by where it was posted; null where it is none of them. */
  openPrompt(of: string | NonNullable<StoredPrompt['posted']>): Promise<StoredPrompt | null>;
  /** Whether it is for this process to post it: it is not posted, and nobody has tried to less than `pauseMs` ago. */
  tryPrompt(key: string, pauseMs: number): Promise<boolean>;
  promptPosted(key: string, posted: NonNullable<StoredPrompt['posted']>): Promise<void>;
  /** What became of it: the first that is said counts. */
  settlePrompt(key: string, outcome: PromptOutcome): Promise<void>;
  /** It is held back no more. */
  wakePrompt(key: string): Promise<void>;
  /** Its message shows what became of it, or never will. */
  closePrompt(key: string): Promise<void>;
}

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
