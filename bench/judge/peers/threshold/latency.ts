import { milliseconds, percent, several } from '../../../../src/domain/judge/format.ts';
import {
  edgeAtOrAbove,
  mergeHistograms,
  quantile,
  requestsAbove,
  requestsIn,
} from '../../../../src/domain/judge/histogram.ts';
import type { Histogram, Sample } from '../../../../src/domain/judge/sample.ts';
import type { MetricFinding } from '../../../../src/domain/judge/verdict.ts';
import { chanceOfAtLeast } from './significance.ts';
import { lastTicks, sinceDeploy } from './window.ts';

/** The quantiles that are judged, each where enough requests are known for it. */
const QUANTILES = [0.5, 0.95, 0.99] as const;
/** So many requests beyond a quantile make it worth a number. */
const BEYOND = 2;
/** A rise by less cannot be told from the noise of a network, in ms. */
const LEAST_RISE_MS = 5;
/**
 * How unlikely by chance a rise must be to be a warning or worth a note; the fewest slow requests; and for a
 * warning the fewest requests before the deploy, since a few seconds do not tell what is usual.
 */
const SURE = { warning: 1e-4, note: 0.01, slow: 5, before: 100 };

interface Latencies {
  readonly when: string;
  readonly all: Histogram;
  readonly ticks: readonly Histogram[];
}

/** Latency quantiles since the deploy and in the last ticks, against the baseline. Empty where nobody measures. */
export function judgeLatency(
  before: readonly Sample[],
  after: readonly Sample[],
  limit: number,
): MetricFinding[] {
  const baseline = mergeHistograms(histogramsOf(before));
  const measured = after.some((sample) => sample.latency !== undefined);
  if (baseline === null && !measured) return [];
  const findings = QUANTILES.flatMap((q) => {
    const known = baseline !== null && requestsIn(baseline) * (1 - q) >= BEYOND ? baseline : null;
    const pools =
      known === null ? [] : poolsOf(after).filter(({ all }) => requestsIn(all) * (1 - q) >= BEYOND);
    if (known === null || pools.length === 0) return [];
    return judgeQuantile(`latency p${Math.round(q * 100)}`, q, known, pools, limit) ?? [];
  });
  return findings.length > 0 ? findings : [unknown(baseline, after)];
}

function judgeQuantile(
  metric: string,
  q: number,
  baseline: Histogram,
  pools: readonly Latencies[],
  limit: number,
): MetricFinding | null {
  const was = quantile(baseline, q);
  const whole = pools.at(-1);
  const now = whole === undefined ? null : quantile(whole.all, q);
  if (was === null || now === null) return null;
  const finding = (verdict: MetricFinding['verdict'], at: number, when: string, more = ''): MetricFinding => {
    const change = at >= was ? `+${percent(at / was - 1)}` : `-${percent(1 - at / was)}`;
    const reason = `${milliseconds(at)} ${when}, ${milliseconds(was)} before the deploy (${change}${more}).`;
    return { metric, verdict, baseline: was, now: at, unit: 'ms', reason };
  };
  const risen = pools.flatMap((pool) => {
    const at = quantile(pool.all, q) ?? 0;
    return at > was * (1 + limit) && at - was >= LEAST_RISE_MS ? [{ pool, at }] : [];
  });
  const judged = risen.map((one) => ({ ...one, chance: chanceOf(baseline, was, one.pool, limit) }));
  const sure = judged.find(({ pool, chance }) => chance < SURE.warning && isSteady(q, was, pool, limit));
  if (sure && requestsIn(baseline) >= SURE.before)
    return finding('warning', sure.at, sure.pool.when, `; the limit is +${percent(limit)}`);
  const maybe = judged.find(({ chance }) => chance < SURE.note);
  if (maybe) return finding('watching', maybe.at, maybe.pool.when, '; not sure yet');
  return finding('healthy', now, whole?.when ?? '');
}

/**
 * How likely by chance so many requests are over the limit as were over the quantile itself before. Coarse
 * buckets compare at the same edge.
 */
function chanceOf(baseline: Histogram, was: number, pool: Latencies, limit: number): number {
  const edge = edgeAtOrAbove(baseline, was);
  const over = edgeAtOrAbove(pool.all, was * (1 + limit));
  if (edge === null || over === null) return 1;
  const slow = requestsAbove(pool.all, over);
  if (slow < SURE.slow) return 1;
  return chanceOfAtLeast(slow, requestsIn(pool.all), {
    bad: requestsAbove(baseline, edge),
    total: requestsIn(baseline),
  });
}

/** In at least half of the ticks: one slow tick is not a slow release. */
function isSteady(q: number, was: number, pool: Latencies, limit: number): boolean {
  const slow = pool.ticks.filter((tick) => {
    const over = edgeAtOrAbove(tick, was * (1 + limit));
    return over !== null && requestsAbove(tick, over) > requestsIn(tick) * (1 - q);
  });
  return slow.length >= 2 && slow.length * 2 >= pool.ticks.length;
}

function poolsOf(after: readonly Sample[]): Latencies[] {
  return [...[3, 5, 10].map((ticks) => lastTicks(after, ticks)), sinceDeploy(after)].flatMap(
    ({ when, samples }) => {
      const ticks = histogramsOf(samples);
      const all = mergeHistograms(ticks);
      return all === null ? [] : [{ when, all, ticks: ticks.filter((tick) => requestsIn(tick) > 0) }];
    },
  );
}

function histogramsOf(samples: readonly Sample[]): Histogram[] {
  return samples.flatMap((sample) => sample.latency ?? []);
}

function unknown(baseline: Histogram | null, after: readonly Sample[]): MetricFinding {
  const known = baseline === null ? 0 : requestsIn(baseline);
  const measured = histogramsOf(after).reduce((all, histogram) => all + requestsIn(histogram), 0);
  const need = BEYOND * 2;
  const [count, when] = known < need ? [known, 'from before the deploy'] : [measured, 'since the deploy'];
  const reason = `The latency of only ${several(count, 'request')} is known ${when}; it takes ${need}.`;
  return { metric: 'latency', verdict: 'inconclusive', unit: 'ms', reason };
}
