import type { ChartData } from '../../domain/judge/chart.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24].map((n) => n * HOUR),
];

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Round values from 0 up to at most `top`, about `wanted` of them. */
export function valueTicks(top: number, unit: ChartData['unit'], wanted: number): Tick[] {
  const rough = top / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 2.5, 5, 10].find((nice) => nice * power >= rough) ?? 10);
  const count = Math.floor(top / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => ({
    at: index * step,
    label: valueLabel(index * step, unit),
  }));
}

/** `1.2 %`, `250 ms`, `1.5 s`. */
export function valueLabel(value: number, unit: ChartData['unit']): string {
  if (unit === 'ratio') return `${Number((value * 100).toPrecision(value >= 0.1 ? 3 : 2))} %`;
  return value >= 1_000
    ? `${Number((value / 1_000).toPrecision(3))} s`
    : `${Number(value.toPrecision(3))} ms`;
}

/** Times before and after the deploy, so that they mean the same to readers in every time zone. */
export function timeTicks(fromMs: number, toMs: number, deployedAt: number, wanted: number): Tick[] {
  const rough = (toMs - fromMs) / wanted;
  const step = TIME_STEPS.find((nice) => nice >= rough) ?? Math.ceil(rough / (24 * HOUR)) * 24 * HOUR;
  const first = Math.ceil((fromMs - deployedAt) / step);
  const last = Math.floor((toMs - deployedAt) / step);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => {
    const offset = (first + index) * step;
    return { at: deployedAt + offset, label: offsetLabel(offset) };
  });
}

function offsetLabel(offset: number): string {
  if (offset === 0) return 'deploy';
  const sign = offset < 0 ? '−' : '+';
  const ms = Math.abs(offset);
  if (ms % HOUR === 0) return `${sign}${ms / HOUR} h`;
  return ms % MINUTE === 0 ? `${sign}${ms / MINUTE} min` : `${sign}${ms / SECOND} s`;
}
