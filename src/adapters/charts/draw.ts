import type { ChartData } from '../../domain/judge/chart.ts';
import { timeTicks, valueLabel, valueTicks } from './axis.ts';
import { Canvas, type Color, type Point } from './canvas.ts';
import { letter, textWidth } from './lettering.ts';
import { encodePng } from './png.ts';

/** In a thread Slack shows a picture about 360 points wide: there everything is little more than half as large. */
const WIDTH = 640;
const HEIGHT = 340;
/** Pixels for each point, for sharp screens. */
const SCALE = 2;
const PLOT = { left: 84, right: 620, top: 76, bottom: 286 };
/** Heights of capitals, and of the widths of the pen. */
const TITLE = { size: 17, weight: 2.5 };
const NOW = { size: 16, weight: 2.4 };
const AXIS = { size: 12.5, weight: 1.8 };
const LEVEL = { size: 12, weight: 1.8 };

const WHITE: Color = [255, 255, 255];
const INK: Color = [29, 28, 29];
const SOFT: Color = [97, 96, 97];
const GRID: Color = [233, 233, 236];
const BLUE: Color = [18, 100, 163];
const RED: Color = [205, 43, 49];
const UNSEEN: Color = [244, 244, 246];

type Seen = { readonly at: number; readonly value: number };

/** The chart as a PNG of 1280 × 680 pixels, that can still be read at a quarter of that. Needs no font of the system. */
export async function drawChart(data: ChartData): Promise<Uint8Array> {
  const canvas = new Canvas(WIDTH, HEIGHT, SCALE, WHITE);
  const points = thinned([...data.points].sort((a, b) => a.at - b.at));
  const runs = seenRuns(points);
  const times = [...points.map((point) => point.at), data.deployedAt];
  const fromMs = Math.min(...times);
  const toMs = Math.max(...times, fromMs + 1_000);
  const x = (at: number) => PLOT.left + ((at - fromMs) / (toMs - fromMs)) * (PLOT.right - PLOT.left);
  const top = highest(data, points) * 1.18;
  const y = (value: number) => PLOT.bottom - (Math.min(value, top) / top) * (PLOT.bottom - PLOT.top);

  drawUnseen(canvas, points, x);
  drawAxes(canvas, data, { fromMs, toMs, top, x, y });
  const levels = levelsOf(data, y);
  for (const level of levels) drawLevel(canvas, level, y);
  drawDeploy(canvas, x(data.deployedAt));
  for (const run of runs) drawRun(canvas, run, data.limit, x, y);
  for (const level of levels) labelLevel(canvas, level, y);
  drawHeading(canvas, data, runs.at(-1)?.at(-1));
  if (runs.length === 0) {
    const text = 'nothing was seen';
    const left = (PLOT.left + PLOT.right - textWidth(text, NOW.size)) / 2;
    write(canvas, text, left, (PLOT.top + PLOT.bottom) / 2, { ...NOW, color: SOFT });
  }
  return encodePng(canvas.width, canvas.height, canvas.rgb);
}

function highest(data: ChartData, points: ChartData['points']): number {
  const values = points.flatMap((point) => point.value ?? []);
  const least = data.unit === 'ratio' ? 0.005 : 10;
  return Math.max(least, data.limit ?? 0, data.baseline ?? 0, ...values);
}

/** No more points than the plot has pixels: of those that share one the highest stays. */
function thinned(points: ChartData['points']): ChartData['points'] {
  const most = PLOT.right - PLOT.left;
  if (points.length <= most) return points;
  const share = points.length / most;
  return Array.from({ length: most }, (_, index) => {
    const group = points.slice(Math.floor(index * share), Math.floor((index + 1) * share));
    return group.reduce((high, point) => ((point.value ?? -1) > (high.value ?? -1) ? point : high));
  });
}

/** Points that follow each other without a gap. */
function seenRuns(points: ChartData['points']): Seen[][] {
  const gaps = points.slice(1).map((point, index) => point.at - (points[index]?.at ?? point.at));
  const usual = [...gaps].sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 0;
  const runs: Seen[][] = [];
  let run: Seen[] = [];
  const close = () => {
    if (run.length > 0) runs.push(run);
    run = [];
  };
  for (const { at, value } of points) {
    const last = run.at(-1);
    if (value === null || (last !== undefined && at - last.at > 2.5 * usual)) close();
    if (value !== null) run.push({ at, value });
  }
  close();
  return runs;
}

function drawUnseen(canvas: Canvas, points: ChartData['points'], x: (at: number) => number): void {
  points.forEach((point, index) => {
    if (point.value !== null) return;
    const from = x(points[index - 1]?.at ?? point.at);
    const to = x(points[index + 1]?.at ?? point.at);
    canvas.fillRect(from, PLOT.top, to - from, PLOT.bottom - PLOT.top, UNSEEN);
  });
}

interface Frame {
  readonly fromMs: number;
  readonly toMs: number;
  readonly top: number;
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
}

function drawAxes(canvas: Canvas, data: ChartData, { fromMs, toMs, top, x, y }: Frame): void {
  for (const { at, label } of valueTicks(top, data.unit, 4)) {
    canvas.fillRect(
      PLOT.left,
      Math.round(y(at)),
      PLOT.right - PLOT.left,
      at === 0 ? 1.5 : 1,
      at === 0 ? SOFT : GRID,
    );
    const left = PLOT.left - 12 - textWidth(label, AXIS.size);
    write(canvas, label, left, y(at) + AXIS.size / 2, { ...AXIS, color: SOFT });
  }
  let free = 0;
  for (const { at, label } of timeTicks(fromMs, toMs, data.deployedAt, 5)) {
    const width = textWidth(label, AXIS.size);
    const left = Math.min(x(at) - width / 2, PLOT.right - width);
    if (left < free) continue;
    free = left + width + 18;
    canvas.fillRect(x(at) - 0.75, PLOT.bottom, 1.5, 7, SOFT);
    write(canvas, label, left, PLOT.bottom + 30, { ...AXIS, color: label === 'deploy' ? INK : SOFT });
  }
}

interface Level {
  readonly value: number;
  readonly label: string;
  readonly color: Color;
  /** The label stands under its line, where it would meet that of the limit. */
  readonly below: boolean;
  /** Where the label begins. */
  readonly left: number;
}

function levelsOf(data: ChartData, y: (value: number) => number): Level[] {
  const { baseline, limit } = data;
  const tight = limit !== undefined && baseline !== undefined && Math.abs(y(baseline) - y(limit)) < 30;
  const left = PLOT.left + 8;
  const label = (name: string, value: number) => `${name} ${valueLabel(value, data.unit)}`;
  const levels: Level[] = [];
  if (baseline !== undefined) {
    const below = tight && y(baseline) < PLOT.bottom - 26;
    levels.push({ value: baseline, label: label('before', baseline), color: SOFT, below, left });
  }
  if (limit !== undefined) {
    // No room under the line either: side by side.
    const beside = tight && levels[0]?.below === false ? textWidth(levels[0].label, LEVEL.size) + 20 : 0;
    levels.push({
      value: limit,
      label: label('limit', limit),
      color: RED,
      below: false,
      left: left + beside,
    });
  }
  return levels;
}

function drawLevel(canvas: Canvas, { value, color }: Level, y: (value: number) => number): void {
  const line: Point[] = [
    [PLOT.left, y(value)],
    [PLOT.right, y(value)],
  ];
  canvas.stroke([line], { width: 2, color, dash: [8, 6] });
}

/** On top of everything, with a halo, so that the line does not run through it. */
function labelLevel(
  canvas: Canvas,
  { value, label, color, below, left }: Level,
  y: (value: number) => number,
): void {
  const at = y(value) + (below ? LEVEL.size + 8 : -8);
  write(canvas, label, left, at, { ...LEVEL, weight: 7, color: WHITE });
  write(canvas, label, left, at, { ...LEVEL, color });
}

function drawDeploy(canvas: Canvas, x: number): void {
  canvas.stroke(
    [
      [
        [x, PLOT.top - 6],
        [x, PLOT.bottom],
      ],
    ],
    { width: 2, color: INK },
  );
  canvas.stroke([[[x, PLOT.top - 6]]], { width: 9, color: INK });
}

function drawRun(
  canvas: Canvas,
  run: readonly Seen[],
  limit: number | undefined,
  x: (at: number) => number,
  y: (value: number) => number,
): void {
  const line = run.map(({ at, value }): Point => [x(at), y(value)]);
  canvas.fillBelow(line, PLOT.bottom, BLUE, 0.14);
  const above = limit === undefined ? {} : { above: { y: y(limit) - 0.5, color: RED } };
  canvas.stroke([line], { width: line.length === 1 ? 7 : 3.5, color: BLUE, ...above });
}

function drawHeading(canvas: Canvas, data: ChartData, last: Seen | undefined): void {
  const right = last === undefined ? '' : `now ${valueLabel(last.value, data.unit)}`;
  const left = PLOT.right - textWidth(right, NOW.size);
  write(canvas, fitted(data.title, TITLE.size, left - 60), 20, 42, { ...TITLE, color: INK });
  if (last === undefined) return;
  const color = data.limit !== undefined && last.value > data.limit ? RED : BLUE;
  write(canvas, right, left, 42, { ...NOW, color });
  canvas.stroke([[[left - 16, 42 - NOW.size / 2]]], { width: 10, color });
}

function fitted(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  let left = [...text].slice(0, 200);
  while (left.length > 0 && textWidth(`${left.join('')}…`, size) > width) left = left.slice(0, -1);
  return `${left.join('').trimEnd()}…`;
}

function write(
  canvas: Canvas,
  text: string,
  x: number,
  y: number,
  { size, weight, color }: { readonly size: number; readonly weight: number; readonly color: Color },
): void {
  canvas.stroke(letter(text, x, y, size), { width: weight, color });
}
