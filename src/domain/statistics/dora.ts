import { quantileOf } from '../judge/evidence/traffic.ts';
import type { DeliveredRelease } from './delivery.ts';

/** With fewer releases in the time there is no figure: one of them more would make it another one. */
export const FEWEST_RELEASES = 5;

const DAY_MS = 86_400_000;

/** From a commit to production, of all commits together. */
interface LeadTime {
  /** ms */
  readonly medianMs: number;
  readonly commits: number;
  /** Releases whose commits are known. */
  readonly releases: number;
}

/** The figures of DORA for one service over some days. Null: too little to say. */
export interface DoraFigures {
  readonly service: string;
  /** ms since the epoch; up to, and without, `toMs`. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Releases that reached production. */
  readonly deployments: number;
  /** Of these in a week, 7 days. */
  readonly perWeek: number | null;
  readonly leadTime: LeadTime | null;
  /** Releases that were rolled back or mended by a hotfix. */
  readonly failed: number;
  /** `failed` of `deployments`, ratio 0..1. */
  readonly failureRate: number | null;
  /** From the deploy of a release that failed until production was well again: only those that are over. */
  readonly restore: { readonly medianMs: number; readonly of: number } | null;
  /** Hotfixes of `deployments`, ratio 0..1: work that was not planned. */
  readonly reworkRate: number | null;
  /** Deployments in each week, 7 days, oldest first; the last one ends now. */
  readonly weeks: readonly number[];
  /** Of these the ones that failed, in each week. */
  readonly failedWeeks: readonly number[];
}

/**
 * The figures of the days before `toMs`. `all`: the deliveries of the service since `toMs` minus these days, or longer; what
 * mends or follows a release counts for it whenever it came.
 */
export function doraFigures(
  service: string,
  all: readonly DeliveredRelease[],
  { days, toMs }: { readonly days: number; readonly toMs: number },
): DoraFigures {
  const fromMs = toMs - days * DAY_MS;
  const within = all.filter(({ at }) => at >= fromMs && at < toMs);
  const mendedAt = new Map<string, number>();
  for (const { mends, at } of all) {
    if (mends !== undefined) mendedAt.set(mends, Math.min(at, mendedAt.get(mends) ?? at));
  }
  const isFailed = (one: DeliveredRelease) => one.rolledBack !== undefined || mendedAt.has(one.promotion);
  const failed = within.filter(isFailed);
  const enough = within.length >= FEWEST_RELEASES;
  const ratio = (count: number) => (enough ? count / within.length : null);
  return {
    service,
    fromMs,
    toMs,
    deployments: within.length,
    perWeek: enough ? (within.length * 7) / days : null,
    leadTime: leadTimeOf(within),
    failed: failed.length,
    failureRate: ratio(failed.length),
    restore: enough ? restoreOf(failed, mendedAt) : null,
    reworkRate: ratio(within.filter(({ mends }) => mends !== undefined).length),
    weeks: weeksOf(within, days, toMs),
    failedWeeks: weeksOf(failed, days, toMs),
  };
}

function leadTimeOf(deliveries: readonly DeliveredRelease[]): LeadTime | null {
  const known = deliveries.filter(({ commits }) => commits !== undefined);
  if (known.length < FEWEST_RELEASES) return null;
  // A clock that is ahead makes no time negative.
  const times = known.flatMap(({ at, commits = [] }) => commits.map((made) => Math.max(0, at - made)));
  return { medianMs: quantileOf(times, 0.5), commits: times.length, releases: known.length };
}

/** A rollback and a hotfix after it: whichever made production well first. */
function restoreOf(
  failed: readonly DeliveredRelease[],
  mendedAt: ReadonlyMap<string, number>,
): DoraFigures['restore'] {
  const times = failed.flatMap(({ promotion, at, rolledBack }) => {
    const ends = [rolledBack?.restoredAt, mendedAt.get(promotion)].filter((end) => typeof end === 'number');
    return ends.length === 0 ? [] : [Math.max(0, Math.min(...ends) - at)];
  });
  return times.length === 0 ? null : { medianMs: quantileOf(times, 0.5), of: times.length };
}

function weeksOf(deliveries: readonly DeliveredRelease[], days: number, toMs: number): readonly number[] {
  const weeks = new Array<number>(Math.ceil(days / 7)).fill(0);
  for (const { at } of deliveries) {
    const index = weeks.length - Math.ceil((toMs - at) / (7 * DAY_MS));
    weeks[index] = (weeks[index] ?? 0) + 1;
  }
  return weeks;
}
