import type { Promotion, UsualDurations } from '../promotion.ts';

/** So many of the last ones count. */
const MOST = 5;

/** By the last promotions of a service, newest first: the median of each. */
export function usualDurations(promotions: readonly Pick<Promotion, 'data'>[]): UsualDurations {
  const rollbackMs = median(
    promotions.flatMap(({ data: { rollback } }) =>
      rollback?.finishedAt === undefined ? [] : [rollback.finishedAt - rollback.startedAt],
    ),
  );
  const deployMs = median(
    promotions.flatMap(({ data: { deployment } }) =>
      deployment === undefined ? [] : [deployment.finishedAt - deployment.startedAt],
    ),
  );
  return {
    ...(rollbackMs === undefined ? {} : { rollbackMs }),
    ...(deployMs === undefined ? {} : { deployMs }),
  };
}

/** How long a rollback of a promotion takes: as the ones before, else as what it undoes took; null when nothing says so. */
export function rollbackTakesMs({ usual, deployment }: Promotion['data']): number | null {
  if (usual?.rollbackMs !== undefined) return usual.rollbackMs;
  return deployment === undefined ? (usual?.deployMs ?? null) : deployment.finishedAt - deployment.startedAt;
}

function median(values: readonly number[]): number | undefined {
  const sorted = values
    .filter((ms) => Number.isFinite(ms) && ms >= 0)
    .slice(0, MOST)
    .sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
