import { type Canvas, createCanvas } from '@napi-rs/canvas';
import {
  Chart,
  type ChartDataset,
  type ChartOptions,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  type ScriptableContext,
  type ScriptableScaleContext,
} from 'chart.js';
import type { ChartData } from '../../domain/judge/chart.ts';
import { timeLabel, timeTicks, valueLabel } from './axis.ts';
import { lettering, paper } from './lettering.ts';
import { AXIS_FONT, EDGE, GRID, INK, OVER, PADDING, SCALE, SIZE, SOFT, WITHIN } from './look.ts';
import { type ChartPoint, type Level, limitOf, type Picture, pictureOf } from './picture.ts';

Chart.register(Filler, LinearScale, LineController, LineElement, PointElement);

type Line = ChartDataset<'line', ChartPoint[]>;

/** The chart as a PNG of 1280 × 680 pixels, that can still be read at a quarter of that. */
export async function renderChart(data: ChartData): Promise<Uint8Array> {
  const canvas = createCanvas(SIZE.width, SIZE.height);
  const chart = openChart(canvas, data);
  try {
    return await canvas.encode('png');
  } finally {
    chart.destroy();
  }
}

/** Draws at once, on a canvas that gets as many pixels as the picture needs. */
export function openChart(canvas: Canvas, data: ChartData): Chart<'line', ChartPoint[]> {
  const picture = pictureOf(data);
  return new Chart<'line', ChartPoint[]>(canvas, {
    type: 'line',
    data: {
      // The first is on top.
      datasets: [
        seriesOf(picture),
        deployMarker(picture),
        ...picture.levels.map((level) => levelLine(level, picture)),
      ],
    },
    options: optionsOf(picture),
    plugins: [paper(picture), lettering(picture)],
  });
}

function seriesOf(picture: Picture): Line {
  const { readings } = picture;
  const limit = limitOf(picture);
  const spans = readings.slice(1).map(({ x }, index) => x - (readings[index]?.x ?? x));
  const longest = 2.5 * ([...spans].sort((a, b) => a - b)[Math.floor(spans.length / 2)] ?? 0);
  const joins = (span = Number.POSITIVE_INFINITY, value = Number.NaN) =>
    span <= longest && !Number.isNaN(value);
  const isAlone = (index: number) =>
    !joins(spans[index - 1], readings[index - 1]?.y) && !joins(spans[index], readings[index + 1]?.y);
  return {
    data: [...readings],
    borderWidth: 3.5,
    borderCapStyle: 'round',
    borderJoinStyle: 'round',
    borderColor: (context: ScriptableContext<'line'>) =>
      byLimit(context, limit, [OVER, OVER], [WITHIN, WITHIN]),
    fill: 'origin',
    backgroundColor: (context: ScriptableContext<'line'>) =>
      byLimit(context, limit, [`${OVER}38`, `${OVER}24`], [`${WITHIN}24`, `${WITHIN}10`]),
    spanGaps: longest,
    pointRadius: ({ dataIndex }) => (isAlone(dataIndex) ? 3.5 : 0),
    pointBackgroundColor: ({ dataIndex }: ScriptableContext<'line'>) =>
      (readings[dataIndex]?.y ?? 0) > limit ? OVER : WITHIN,
    pointBorderWidth: 0,
    clip: 4,
  };
}

type Fade = readonly [from: string, to: string];

/** From top to bottom, one colour above the limit and another one below it. */
function byLimit({ chart }: ScriptableContext<'line'>, limit: number, above: Fade, below: Fade) {
  const { ctx, chartArea, scales } = chart;
  // Asked before the first layout too.
  if (chartArea === undefined) return below[0];
  const { top, bottom } = chartArea;
  const turn = ((scales['y']?.getPixelForValue(limit) ?? top) - 0.5 - top) / (bottom - top);
  const share = Math.min(1, Math.max(0, Number.isFinite(turn) ? turn : 0));
  const gradient = ctx.createLinearGradient(0, top, 0, bottom);
  gradient.addColorStop(0, above[0]);
  gradient.addColorStop(share, above[1]);
  gradient.addColorStop(share, below[0]);
  gradient.addColorStop(1, below[1]);
  return gradient;
}

function deployMarker({ top }: Picture): Line {
  return {
    data: [
      { x: 0, y: 0 },
      { x: 0, y: top },
    ],
    borderColor: INK,
    borderWidth: 2,
    pointRadius: [0, 4.5],
    pointBackgroundColor: INK,
    pointBorderWidth: 0,
    clip: false,
  };
}

function levelLine({ name, value }: Level, { from, to }: Picture): Line {
  return {
    data: [
      { x: from, y: value },
      { x: to, y: value },
    ],
    borderColor: name === 'limit' ? OVER : SOFT,
    borderWidth: 2,
    borderDash: [8, 6],
    pointRadius: 0,
  };
}

function optionsOf({ unit, from, to, top }: Picture): ChartOptions<'line'> {
  return {
    animation: false,
    responsive: false,
    devicePixelRatio: SCALE,
    events: [],
    parsing: false,
    normalized: true,
    layout: { padding: PADDING },
    scales: {
      x: {
        type: 'linear',
        min: from,
        max: to,
        afterBuildTicks: (axis) => {
          axis.ticks = timeTicks(from, to, 5).map((value) => ({ value }));
        },
        // A label at the end of the axis does not touch the edge.
        afterFit: (axis) => {
          axis.paddingRight += EDGE;
        },
        border: { display: false },
        grid: { drawOnChartArea: false, tickColor: SOFT, tickWidth: 1.5, tickLength: 7 },
        ticks: {
          autoSkip: false,
          maxRotation: 0,
          padding: 6,
          font: AXIS_FONT,
          color: ({ tick }: ScriptableScaleContext) => (tick.value === 0 ? INK : SOFT),
          callback: (value) => timeLabel(Number(value)),
        },
      },
      y: {
        type: 'linear',
        min: 0,
        max: top,
        border: { display: false },
        grid: {
          drawTicks: false,
          color: ({ tick }: ScriptableScaleContext) => (tick.value === 0 ? SOFT : GRID),
        },
        ticks: {
          includeBounds: false,
          maxTicksLimit: 6,
          padding: 12,
          font: AXIS_FONT,
          color: SOFT,
          callback: (value) => valueLabel(Number(value), unit),
        },
      },
    },
  };
}
