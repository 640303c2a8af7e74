import type { ChartData } from '../../domain/judge/chart.ts';

/** 30 years in ms. */
const LARGEST = 1e12;

/** What a chart shows; numbers that nobody can draw are taken out. */
export interface Picture {
  readonly title: string;
  readonly unit: ChartData['unit'];
  /** In the order of time. */
  readonly readings: readonly ChartPoint[];
  readonly levels: readonly Level[];
  /** Ends of the time axis, ms since the deploy. */
  readonly from: number;
  readonly to: number;
  /** Upper end of the value axis. */
  readonly top: number;
}

export interface ChartPoint {
  /** ms since the deploy. */
  readonly x: number;
  /** NaN where nothing was seen. */
  readonly y: number;
}

export interface Level {
  readonly name: 'before' | 'limit';
  readonly value: number;
}

export function pictureOf({ title, unit, points, baseline, limit, deployedAt }: ChartData): Picture {
  const readings = points
    .map(({ at, value }) => ({ x: at - deployedAt, y: canBeDrawn(value) ? value : Number.NaN }))
    .filter(({ x }) => canBeDrawn(x))
    .sort((a, b) => a.x - b.x);
  const levels = [
    { name: 'before', value: baseline },
    { name: 'limit', value: limit },
  ].filter((level): level is Level => canBeDrawn(level.value));
  const from = Math.min(0, readings[0]?.x ?? 0);
  const values = [...readings.map(({ y }) => y), ...levels.map(({ value }) => value)].filter(canBeDrawn);
  const least = unit === 'ratio' ? 0.005 : 10;
  return {
    title,
    unit,
    readings,
    levels,
    from,
    to: Math.max(0, readings.at(-1)?.x ?? 0, from + 1_000),
    top: 1.18 * values.reduce((high, value) => Math.max(high, value), least),
  };
}

/** Where numbers are so large that they have no neighbours any more, the library looks for ticks for ever. */
function canBeDrawn(value: number | null | undefined): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST;
}

export function lastSeen({ readings }: Picture): ChartPoint | undefined {
  return readings.findLast(({ y }) => !Number.isNaN(y));
}

/** Above it the line changes its colour; infinite when there is no limit. */
export function limitOf({ levels }: Picture): number {
  return levels.find(({ name }) => name === 'limit')?.value ?? Number.POSITIVE_INFINITY;
}
