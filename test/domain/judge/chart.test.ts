import { describe, expect, it } from 'vitest';
import { chartInWords, watchChart } from '../../../src/domain/judge/chart.ts';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import type { Judgement, MetricFinding } from '../../../src/domain/judge/verdict.ts';

const facts = {
  release: 'v2.7.0',
  deployedAt: Date.UTC(2026, 10, 22, 9, 1),
  errorRateRise: 0.01,
  latencyRise: 0.1,
  counts: { 'declined payments': 0.05 },
};
const histogram = (slow: number) => ({ edges_ms: [100, 200, 400], counts: [90 - slow, 10, slow, 0] });
const sample = (minute: number, phase: Sample['phase'], more: Partial<Sample>): Sample => ({
  at: new Date(Date.UTC(2026, 10, 22, 9, minute)).toISOString(),
  phase,
  ...more,
});
const samples = [
  sample(0, 'baseline', {
    total: 100,
    errors: 0,
    latency: histogram(0),
    counts: { 'declined payments': { total: 50, bad: 1 } },
  }),
  sample(1, 'baseline', { total: 100, errors: 2 }),
  sample(2, 'after', {
    total: 100,
    errors: 1,
    latency: histogram(40),
    counts: { 'declined payments': { total: 40, bad: 20 } },
  }),
];
const finding = (metric: string, verdict: MetricFinding['verdict'], more: Partial<MetricFinding> = {}) =>
  ({ metric, verdict, unit: 'ratio', reason: 'because', ...more }) as const;
const judged = (...findings: MetricFinding[]): Judgement => ({
  verdict: findings[0]?.verdict ?? 'healthy',
  findings,
});

describe('the chart of a watch', () => {
  it('shows the latency that alarms, before and after, with its limit', () => {
    const errors = finding('error rate', 'healthy', { baseline: 0.01, now: 0.01 });
    const slow = finding('latency p95', 'critical', { unit: 'ms', baseline: 150, now: 380 });
    const chart = watchChart(samples, judged(errors, slow), facts);
    expect(chart).toMatchObject({ title: 'Latency p95, v2.7.0', unit: 'ms', baseline: 150 });
    expect(chart.limit).toBeCloseTo(165);
    expect(chart.points.map(({ value }) => value && Math.round(value))).toEqual([150, null, 375]);
    expect(chartInWords(chart)).toBe(
      'Latency p95, v2.7.0: 375 ms now, 150 ms before the deploy, the limit is 165 ms.',
    );
  });

  it('shows percentiles where a source knows nothing finer', () => {
    const slow = finding('latency p99', 'warning', { unit: 'ms', baseline: 200, now: 900 });
    const measured = samples.map(({ latency: _, ...one }, index) => ({
      ...one,
      percentiles_ms: { p99: 200 + index * 350 },
    }));
    expect(watchChart(measured, judged(slow), facts).points.map(({ value }) => value)).toEqual([
      200, 550, 900,
    ]);
  });

  it('shows a count by its name, with the limit of its own', () => {
    const chart = watchChart(samples, judged(finding('declined payments', 'warning')), facts);
    expect(chart).toMatchObject({ title: 'Declined payments, v2.7.0', unit: 'ratio', baseline: 0.02 });
    expect(chart.limit).toBeCloseTo(0.07);
    expect(chart.points.map(({ value }) => value)).toEqual([0.02, null, 0.5]);
  });

  it('shows the error rate with what has no figures of its own, and when all is well', () => {
    const alert = finding('critical alerts', 'critical');
    const slow = finding('latency p95', 'inconclusive', { unit: 'ms' });
    for (const judgement of [
      judged(alert),
      judged(slow),
      judged(),
      judged(finding('constructor', 'warning')),
    ]) {
      const chart = watchChart(samples, judgement, facts);
      expect(chart.title).toBe('Error rate, v2.7.0');
      expect(chart.limit).toBeCloseTo(0.02);
    }
    expect(chartInWords(watchChart([], judged(), facts))).toBe('Error rate, v2.7.0: nothing was measured.');
  });

  it('shows the worst one that can be drawn, not one beside it', () => {
    const alert = finding('critical alerts', 'critical');
    const slow = finding('latency p95', 'warning', { unit: 'ms', baseline: 150, now: 380 });
    expect(watchChart(samples, judged(slow, alert), facts).title).toBe('Error rate, v2.7.0');
    const worse = finding('latency p95', 'critical', { unit: 'ms', baseline: 150, now: 380 });
    expect(watchChart(samples, judged(worse, alert), facts).title).toBe('Latency p95, v2.7.0');
  });
});
