import type { ChartData } from '../../domain/judge/chart.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * HOUR),
];

/** `1.2 %`, `250 ms`, `1.5 s`. */
export function valueLabel(value: number, unit: ChartData['unit']): string {
  if (unit === 'ratio') return `${Number((value * 100).toPrecision(value >= 0.1 ? 3 : 2))} %`;
  return value >= 1_000
    ? `${Number((value / 1_000).toPrecision(3))} s`
    : `${Number(value.toPrecision(3))} ms`;
}

/** Round times between two, about `wanted` of them; all in ms since the deploy. */
export function timeTicks(from: number, to: number, wanted: number): number[] {
  const rough = (to - from) / wanted;
  const step = TIME_STEPS.find((nice) => nice >= rough) ?? Math.ceil(rough / DAY) * DAY;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

/** `deploy`, `−5 min`, `+30 s`: the same to readers in every time zone. */
export function timeLabel(ms: number): string {
  if (ms === 0) return 'deploy';
  const sign = ms < 0 ? '−' : '+';
  const size = Math.abs(ms);
  if (size % HOUR === 0) return `${sign}${size / HOUR} h`;
  return size % MINUTE === 0 ? `${sign}${size / MINUTE} min` : `${sign}${size / SECOND} s`;
}
