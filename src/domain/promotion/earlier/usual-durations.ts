import { given } from '../../text/given.ts';
import type { Promotion, UsualDurations } from '../promotion.ts';

/** So many of the last ones count. */
const MOST = 5;
/** Shorter than that is nothing that people wait for, ms. */
const LEAST_MS = 1_000;

/** By the last promotions of a service, newest first: the median of each. */
export function usualDurations(promotions: readonly Pick<Promotion, 'data'>[]): UsualDurations {
  const rollbackMs = median(
    promotions.map(
      ({ data: { rollback } }) => rollback?.finishedAt && rollback.finishedAt - rollback.startedAt,
    ),
  );
  const deployMs = median(
    promotions.map(({ data: { deployment } }) => deployment && deployment.finishedAt - deployment.startedAt),
  );
  return given({ rollbackMs, deployMs });
}

/** How long a rollback of a promotion takes: as the ones before, else as what it undoes took; null when nothing says so. */
export function rollbackTakesMs({ usual, deployment }: Promotion['data']): number | null {
  const deployMs = deployment === undefined ? usual?.deployMs : deployment.finishedAt - deployment.startedAt;
  const ms = usual?.rollbackMs ?? deployMs ?? 0;
  return ms < LEAST_MS ? null : ms;
}

/** Of the first of them that are known. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values
    .filter((value) => value !== undefined)
    .filter((value) => Number.isFinite(value) && value >= 0)
    .slice(0, MOST)
    .sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
