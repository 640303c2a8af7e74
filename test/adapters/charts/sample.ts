import type { ChartData } from '../../../src/domain/judge/chart.ts';

export const DEPLOYED = Date.UTC(2026, 10, 20, 9);
const TICK = 30_000;

/** One point a tick, half of them before the deploy unless `from` names the first tick. */
export const series = (values: readonly (number | null)[], from = -values.length / 2) =>
  values.map((value, index) => ({ at: DEPLOYED + (from + index) * TICK, value }));

/** Bad from the deploy on. */
export const CHART: ChartData = {
  title: 'Error rate, v1.3.0',
  unit: 'ratio',
  points: series([...Array(20).fill(0.002), ...Array(20).fill(0.03)]),
  baseline: 0.002,
  limit: 0.012,
  deployedAt: DEPLOYED,
};
