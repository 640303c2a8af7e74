import { percent, points, several } from '../../../../src/domain/judge/format.ts';
import type { Sample } from '../../../../src/domain/judge/sample.ts';
import type { MetricFinding } from '../../../../src/domain/judge/verdict.ts';
import { chanceOfAtLeast } from './significance.ts';
import { lastTicks, type Pool, sinceDeploy } from './window.ts';

interface Counts {
  readonly total: number;
  readonly bad: number;
  /** Ticks in which a request failed. */
  readonly badTicks: number;
}

/** Nearly every request fails: as a share, and the fewest failures to say so. */
const OUTAGE = { share: 0.9, bad: 5 };
/** A rise that is critical, ratio; the fewest requests and failures; how unlikely by chance it must be. */
const HARD = { rise: 0.05, total: 20, bad: 5, chance: 1e-5 };
/** The same for a rise over the limit, which is looked at after every tick; and what is worth a note. */
const SOFT = { total: 30, bad: 3, badTicks: 2, chance: 1e-4, note: 0.02 };
/** What must have been seen before anything is called healthy. */
const ENOUGH = { before: 20, after: 50, ticks: 3 };

/** The error rate since the deploy and in the last ticks, against the baseline. */
export function judgeErrorRate(
  before: readonly Sample[],
  after: readonly Sample[],
  limit: number,
): MetricFinding | null {
  const baseline = count(before);
  const whole = count(after);
  if (whole.total === 0 && baseline.total === 0) return null;
  const was = baseline.total > 0 ? baseline.bad / baseline.total : 0;
  const now = whole.total > 0 ? whole.bad / whole.total : undefined;
  const finding = (verdict: MetricFinding['verdict'], reason: string): MetricFinding => ({
    metric: 'error rate',
    verdict,
    unit: 'ratio',
    reason,
    ...(baseline.total > 0 ? { baseline: was } : {}),
    ...(now === undefined ? {} : { now }),
  });
  const against =
    baseline.total > 0 ? `${percent(was)} before the deploy` : 'nothing is known of before the deploy';

  for (const pool of [1, 2, 4].map((ticks) => lastTicks(after, ticks))) {
    const counts = count(pool.samples);
    if (isOutage(counts, was) || isHard(counts, baseline, was, limit)) {
      return finding('critical', `${failed(counts, pool)}; ${against}.`);
    }
  }
  const pools = [...[3, 5, 10].map((ticks) => lastTicks(after, ticks)), sinceDeploy(after)];
  for (const pool of pools) {
    const counts = count(pool.samples);
    if (!isRise(counts, baseline, was, limit)) continue;
    const rise = points(counts.bad / counts.total - was);
    return finding(
      'warning',
      `${failed(counts, pool)}, ${rise} above the ${against}; the limit is ${points(limit)}.`,
    );
  }
  const ticks = after.filter((sample) => (sample.total ?? 0) > 0 && sample.errors !== undefined).length;
  if (baseline.total < ENOUGH.before) {
    return finding(
      'inconclusive',
      `Only ${several(baseline.total, 'request')} seen before the deploy: too few to compare with.`,
    );
  }
  if (whole.total < ENOUGH.after || ticks < ENOUGH.ticks) {
    const seen = `${several(whole.total, 'request')} in ${several(ticks, 'tick')} seen since the deploy`;
    return finding(
      'inconclusive',
      `Too early to tell: ${seen}; it takes ${ENOUGH.after} requests and ${ENOUGH.ticks} ticks.`,
    );
  }
  for (const pool of pools) {
    const counts = count(pool.samples);
    if (counts.bad < 2 || counts.bad / counts.total - was <= limit) continue;
    if (chanceOf(counts, baseline) >= SOFT.note) continue;
    return finding('watching', `${failed(counts, pool)}; ${against}. That is too few to be sure.`);
  }
  return finding('healthy', `${failed(whole, sinceDeploy(after))}; ${against}.`);
}

/** No request at all where there were many: whoever sends them cannot get through. */
export function judgeTraffic(before: readonly Sample[], after: readonly Sample[]): MetricFinding | null {
  const counted = before.filter((sample) => sample.total !== undefined);
  const usual = counted.reduce((all, sample) => all + (sample.total ?? 0), 0) / Math.max(1, counted.length);
  const last = after.slice(-2);
  if (usual < 20 || last.length < 2 || last.some((sample) => sample.total !== 0)) return null;
  return {
    metric: 'traffic',
    verdict: 'warning',
    baseline: usual,
    now: 0,
    unit: 'count',
    reason: `No request at all in the last 2 ticks; about ${Math.round(usual)} in each tick before the deploy.`,
  };
}

function count(samples: readonly Sample[]): Counts {
  let total = 0;
  let bad = 0;
  let badTicks = 0;
  for (const sample of samples) {
    if (sample.total === undefined || sample.errors === undefined) continue;
    total += sample.total;
    bad += sample.errors;
    if (sample.errors >= 0.5) badTicks += 1;
  }
  return { total, bad, badTicks };
}

function isOutage(counts: Counts, was: number): boolean {
  return counts.bad >= OUTAGE.bad && counts.bad / counts.total >= OUTAGE.share && was < OUTAGE.share / 2;
}

function isHard(counts: Counts, baseline: Counts, was: number, limit: number): boolean {
  if (counts.total < HARD.total || counts.bad < HARD.bad) return false;
  const rise = counts.bad / counts.total - was;
  return rise >= Math.max(HARD.rise, 2 * limit) && chanceOf(counts, baseline) < HARD.chance;
}

function isRise(counts: Counts, baseline: Counts, was: number, limit: number): boolean {
  if (counts.total < SOFT.total || counts.bad < SOFT.bad || counts.badTicks < SOFT.badTicks) return false;
  return counts.bad / counts.total - was >= limit && chanceOf(counts, baseline) < SOFT.chance;
}

/** Without a baseline, as if a few requests had been seen and none had failed. */
function chanceOf(counts: Counts, baseline: Counts): number {
  const known = baseline.total > 0 ? baseline : { bad: 0, total: ENOUGH.before };
  return chanceOfAtLeast(counts.bad, counts.total, known);
}

function failed(counts: Counts, pool: Pool): string {
  const { bad, total } = counts;
  if (bad === 0) return `None of ${several(total, 'request')} failed ${pool.when}`;
  const share = bad < total ? ` (${percent(bad / total)})` : '';
  return `${Math.round(bad)} of ${several(total, 'request')} failed ${pool.when}${share}`;
}
