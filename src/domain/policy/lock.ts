import { type AuditEntry, type AuditSource, byPerson } from '../audit/entry.ts';
import { given } from '../text/given.ts';

export { EVERYTHING } from '../audit/concerns.ts';

/** Keeps a service, or everything, from being shipped. */
export interface Lock {
  readonly service: string;
  /** Slack user id, or `slipway`. */
  readonly owner: string;
  /** Raw text. */
  readonly reason: string;
  /** Set when a rollback made the lock. */
  readonly promotionId?: string;
  /** ms since the epoch */
  readonly since: number;
  /** ms since the epoch; absent: until somebody takes it off. */
  readonly until?: number;
}

/** A lock that somebody wants; its time is that of whoever stores it. */
export type WantedLock = Omit<Lock, 'since'>;

/**
 * What a lock is once it is put over the one that stands. A service is never unlocked by itself after a rollback:
 * whoever renews that lock or takes it over keeps its promotion and its reason, and it has no end.
 */
export function lockOver(standing: Lock | null, wanted: WantedLock): WantedLock {
  if (standing?.promotionId === undefined || wanted.promotionId !== undefined) return wanted;
  const { until: _until, ...endless } = wanted;
  const { reason, promotionId } = standing;
  const isSaid = reason === wanted.reason || reason.startsWith(`${wanted.reason}; `);
  return { ...endless, reason: isSaid ? reason : `${wanted.reason}; ${reason}`, promotionId };
}

/** Whoever takes off what somebody else locked, or what a rollback did, has to say why. */
export function needsReason({ owner, promotionId }: Lock, user: string): boolean {
  return owner !== user || promotionId !== undefined;
}

/** The row of the audit of a lock that was taken, renewed, or taken over from the owner of `standing`. */
export function lockAudit(lock: Lock, standing: Lock | null, source: AuditSource | undefined): AuditEntry {
  const { owner, reason, until } = lock;
  const from = standing?.owner === owner ? null : standing;
  const detail = { reason, ...given({ until, from: from?.owner, fromReason: from?.reason }) };
  return { ...byPerson(owner, from ? 'lock.stolen' : 'lock.taken', detail), ...placeOf(lock, source) };
}

/** The row of the audit of a lock that was taken off. */
export function unlockAudit(
  lock: Lock,
  by: string,
  source: AuditSource | undefined,
  because?: string,
): AuditEntry {
  const { owner, reason } = lock;
  const detail = { owner, reason, ...given({ because }) };
  return { ...byPerson(by, 'lock.released', detail), ...placeOf(lock, source) };
}

function placeOf({ service, promotionId }: Lock, source: AuditSource | undefined) {
  return { service, ...given({ promotionId, source }) };
}
