import type { Promotion } from '../promotion/promotion.ts';

/** One release that reached production, with what is counted of it. Times are ms since the epoch. */
export interface DeliveredRelease {
  /** Id of the promotion. */
  readonly promotion: string;
  readonly service: string;
  readonly version: string;
  /** When its deployment had succeeded. */
  readonly at: number;
  /** When its commits were made; absent where that is not known. */
  readonly commits?: readonly number[];
  /** It was rolled back: since when that has been proven healthy, null where it was not. */
  readonly rolledBack?: { readonly restoredAt: number | null };
  /** It is the hotfix of that promotion. */
  readonly mends?: string;
}

/** What a promotion delivered; null while nothing has reached production. */
export function deliveryOf({ id, service, data, request }: Promotion): DeliveredRelease | null {
  const { release, deployment, rollback, commitTimes } = data;
  if (release === undefined || deployment === undefined) return null;
  return {
    promotion: id,
    service,
    version: release.version,
    at: deployment.finishedAt,
    ...(commitTimes === undefined || commitTimes.length === 0 ? {} : { commits: commitTimes }),
    ...(rollback === undefined ? {} : { rolledBack: { restoredAt: rollback.finishedAt ?? null } }),
    ...(request.hotfix === undefined ? {} : { mends: request.hotfix.of.promotion }),
  };
}
