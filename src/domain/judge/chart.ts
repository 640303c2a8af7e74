import { ownValue } from '../text/own.ts';
import { ERROR_RATE } from './counts/phrases.ts';
import { milliseconds, percent } from './format.ts';
import { isHistogram, quantile } from './histogram.ts';
import { msOf } from './latency/percentile-metric.ts';
import { PERCENTILES, type Sample } from './sample.ts';
import { bySeverity, type Judgement, type JudgeVerdict, type MetricFinding } from './verdict.ts';

/** What a chart of the watch window shows; drawn to an image by an adapter. */
export interface ChartData {
  readonly title: string;
  readonly unit: 'ratio' | 'ms';
  /** x in ms since the epoch; null where nothing was seen. */
  readonly points: readonly { readonly at: number; readonly value: number | null }[];
  readonly baseline?: number;
  /** Line above which the judge complains. */
  readonly limit?: number;
  readonly deployedAt: number;
}

/** What a chart is made with, besides the samples. */
export interface ChartFacts {
  /** Name of the release. */
  readonly release: string;
  readonly deployedAt: number;
  /** Allowed rise of the error rate, and of other counts that have none of their own, ratio 0..1. */
  readonly errorRateRise: number;
  /** Allowed rise of latency, as a ratio. */
  readonly latencyRise: number;
  /** Allowed rises of other counts, by name, ratio 0..1. */
  readonly counts?: Readonly<Record<string, number>>;
}

/**
 * The metric that speaks loudest, before and after a deploy, from the samples of a promotion. What has no figures of its
 * own, such as an alert or a report, is shown with the error rate.
 */
export function watchChart(stored: readonly Sample[], judgement: Judgement, facts: ChartFacts): ChartData {
  // The same hours of earlier days are far to the left of it.
  const samples = stored.filter(({ phase }) => phase !== 'history');
  const findings = bySeverity(judgement.findings);
  const [worst] = findings;
  for (const finding of findings.filter(({ verdict }) => speaksUp(verdict) && verdict === worst?.verdict)) {
    const series = seriesOf(finding, samples);
    if (series.some((value) => value !== null)) return drawn(finding.metric, series, samples, finding, facts);
  }
  const errors = findings.find(({ metric }) => metric === ERROR_RATE);
  return drawn(ERROR_RATE, rates(samples, ERROR_RATE), samples, errors, facts);
}

/** The figures of a chart in a sentence, for whoever cannot see it. */
export function chartInWords({ title, unit, points, baseline, limit }: ChartData): string {
  const said = unit === 'ratio' ? percent : milliseconds;
  const last = points.findLast(({ value }) => value !== null)?.value;
  const figures = [
    last === undefined || last === null ? 'nothing was measured' : `${said(last)} now`,
    ...(baseline === undefined ? [] : [`${said(baseline)} before the deploy`]),
    ...(limit === undefined ? [] : [`the limit is ${said(limit)}`]),
  ];
  return `${title}: ${figures.join(', ')}.`;
}

function speaksUp(verdict: JudgeVerdict): boolean {
  return verdict === 'critical' || verdict === 'warning' || verdict === 'watching';
}

function drawn(
  metric: string,
  values: readonly (number | null)[],
  samples: readonly Sample[],
  finding: MetricFinding | undefined,
  facts: ChartFacts,
): ChartData {
  const isLatency = latencyOf(metric) !== null;
  const baseline = finding?.baseline ?? baselineRate(samples, metric);
  return {
    title: `${metric.charAt(0).toUpperCase()}${metric.slice(1)}, ${facts.release}`,
    unit: isLatency ? 'ms' : 'ratio',
    points: samples.map(({ at }, index) => ({ at: Date.parse(at), value: values[index] ?? null })),
    ...(baseline === null || baseline === undefined
      ? {}
      : { baseline, limit: limitOf(metric, baseline, facts) }),
    deployedAt: facts.deployedAt,
  };
}

function limitOf(metric: string, baseline: number, facts: ChartFacts): number {
  if (latencyOf(metric) !== null) return baseline * (1 + facts.latencyRise);
  return baseline + (ownValue(facts.counts, metric) ?? facts.errorRateRise);
}

function baselineRate(samples: readonly Sample[], metric: string): number | null {
  const before = samples.filter(({ phase }) => phase === 'baseline').map((one) => countsOf(one, metric));
  const sum = (field: 'bad' | 'total') => before.reduce((all, one) => all + (one?.[field] ?? 0), 0);
  return rate(sum('bad'), sum('total'));
}

/** The values of a metric in each sample; null where it was not seen. */
function seriesOf({ metric }: MetricFinding, samples: readonly Sample[]): readonly (number | null)[] {
  const percentile = latencyOf(metric);
  if (percentile === null) return rates(samples, metric);
  return samples.map(({ latency, percentiles_ms }) =>
    isHistogram(latency)
      ? quantile(latency, Number(percentile.slice(1)) / 100)
      : msOf(percentiles_ms ?? null, percentile),
  );
}

/** `p95` of `latency p95`; null for any other metric. */
function latencyOf(metric: string) {
  return PERCENTILES.find((name) => metric === `latency ${name}`) ?? null;
}

function rates(samples: readonly Sample[], metric: string): readonly (number | null)[] {
  return samples.map((sample) => {
    const counted = countsOf(sample, metric);
    return rate(counted?.bad, counted?.total);
  });
}

function countsOf(
  { total, errors, counts }: Sample,
  metric: string,
): { readonly total?: number | undefined; readonly bad?: number | undefined } | undefined {
  return metric === ERROR_RATE ? { total, bad: errors } : ownValue(counts, metric);
}

/** errors / total as a ratio 0..1; null where nothing was seen. */
export function rate(errors: number | undefined, total: number | undefined): number | null {
  return errors === undefined || total === undefined || total === 0 ? null : errors / total;
}
