/** The "service" of the lock that stops everything. No service of the config can have this name. */
export const EVERYTHING = '*';

interface Terms {
  readonly reason: string;
  readonly promotionId?: string;
  readonly until?: number;
}

/**
 * What a lock is once it is put over the one that stands. A service is never unlocked by itself after a rollback:
 * whoever renews that lock or takes it over keeps its promotion and its reason, and it has no end.
 */
export function lockOver<L extends Terms>(standing: Terms | null, wanted: L): L {
  if (standing?.promotionId === undefined || wanted.promotionId !== undefined) return wanted;
  const { until: _until, ...endless } = wanted;
  const { reason, promotionId } = standing;
  const isSaid = reason === wanted.reason || reason.startsWith(`${wanted.reason}; `);
  return { ...endless, reason: isSaid ? reason : `${wanted.reason}; ${reason}`, promotionId } as L;
}
