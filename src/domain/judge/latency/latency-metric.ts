import type { Edges } from '../evidence/latency-edges.ts';
import { logMeanExp } from '../evidence/log-sum.ts';
import { lowered } from '../evidence/lowering.ts';
import { LATENCY_RATIOS, type Rise, riseOf } from '../evidence/rise.ts';
import type { Tick } from '../evidence/tick.ts';
import { coarser, isHistogram, requestsAbove, requestsIn } from '../histogram.ts';
import type { Histogram } from '../sample.ts';
import type { MetricRules } from '../standing.ts';
import { NOTHING_STANDS, type Severity, type Standing, severityOf, stand } from '../standing.ts';
import { edgesAmong, guardAt, type LatencyBaseline } from './latency-baseline.ts';

/** Requests of a tick, and how many of them were above each edge that is counted at; null: not known. */
type Counts = readonly [requests: number, ...above: (number | null)[]];

/** What is remembered of latency since the deploy; plain JSON. */
export interface LatencyState {
  /** Edges that the baseline and all ticks have, in ms; null: those of the baseline. */
  readonly edges: readonly number[] | null;
  readonly after: readonly (Counts | null)[];
  /** Requests per bucket between these edges in each of the last ticks, for words. */
  readonly recent: readonly (readonly number[])[];
  readonly standing: Standing;
}

export interface LatencyTick {
  readonly state: LatencyState;
  /** Natural logarithms of the e-values. */
  readonly evidence: { readonly warning: number; readonly critical: number };
  readonly severity: Severity;
  /** The quantile to speak of: with the strongest evidence where there is some, else p95. Null: none can be compared. */
  readonly shown: Edges | null;
}

const RECENT_TICKS = 10;
/** The quantile that people speak of. */
const USUAL = 0.95;

export const LATENCY_START: LatencyState = { edges: null, after: [], recent: [], standing: NOTHING_STANDS };

/** Judges one more tick, O(ticks). What is no histogram is a missing tick. */
export function latencyTick(
  baseline: LatencyBaseline,
  before: LatencyState,
  latency: unknown,
  rules: MetricRules,
): LatencyTick {
  const histogram = isHistogram(latency) ? latency : null;
  const { edges, after, recent } = counted(baseline, before, histogram, rules.limit);
  const quantiles = edgesAmong(baseline, edges, rules.limit);
  const at = countedAt(quantiles);
  const rise = ({ before: edge }: Edges, above: number, from: number): Rise => {
    const column = at.indexOf(above) + 1;
    const ticks = after.map((counts): Tick => tickAt(counts, column));
    const facts = { baseline: guardAt(baseline, edge), after: ticks, bad: lowered(ticks, rules.tickMs) };
    return riseOf({ ...facts, from, allowed: 1, ratios: LATENCY_RATIOS });
  };
  const warnings = quantiles.map((one) => rise(one, one.warning, rules.settle).ln);
  const criticals = quantiles.flatMap((one) =>
    one.critical === null ? [] : [rise(one, one.critical, 2 * rules.settle).ln],
  );
  const evidence = { warning: logMeanExp(warnings) ?? 0, critical: logMeanExp(criticals) ?? 0 };
  const severity = severityOf(evidence.warning, evidence.critical, rules.metrics);
  const standing = stand(before.standing, severity, evidence.warning < 0);
  const strongest = quantiles[warnings.indexOf(Math.max(...warnings))] ?? null;
  const isQuiet = severity === 'none' && standing.alarm === null;
  const shown = (isQuiet && quantiles.find(({ quantile }) => quantile === USUAL)) || strongest;
  return { state: { edges, after, recent, standing }, evidence, severity, shown };
}

/**
 * The ticks with one more. Where its edges are not the others', only the common ones are left, and what was counted at
 * an edge that is counted at no more is forgotten.
 */
function counted(
  baseline: LatencyBaseline,
  { edges, after, recent }: LatencyState,
  histogram: Histogram | null,
  limit: number,
): Omit<LatencyState, 'standing'> {
  if (histogram === null) return { edges, after: [...after, null], recent };
  const all = edges ?? baseline.all.edges_ms;
  const has = new Set(histogram.edges_ms);
  const common = all.filter((edge) => has.has(edge));
  const isSame = common.length === all.length;
  const were = countedAt(edgesAmong(baseline, edges, limit));
  const are = isSame ? were : countedAt(edgesAmong(baseline, common, limit));
  const kept = isSame ? after : after.map((tick) => tick && recounted(tick, were, are));
  const fresh: Counts = [requestsIn(histogram), ...are.map((edge) => requestsAbove(histogram, edge))];
  const { counts } = coarser(histogram, common);
  return {
    edges: isSame ? edges : common,
    after: [...kept, fresh],
    recent: [...(isSame ? recent : []), counts].slice(-RECENT_TICKS),
  };
}

function recounted([requests, ...above]: Counts, were: readonly number[], are: readonly number[]): Counts {
  return [requests, ...are.map((edge) => above[were.indexOf(edge)] ?? null)];
}

function countedAt(quantiles: readonly Edges[]): readonly number[] {
  return [
    ...new Set(
      quantiles.flatMap(({ warning, critical }) => (critical === null ? [warning] : [warning, critical])),
    ),
  ];
}

function tickAt(counts: Counts | null, column: number): Tick {
  const above = counts?.[column] ?? null;
  return counts === null || above === null ? null : [counts[0], above];
}
