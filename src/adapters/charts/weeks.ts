import { createCanvas } from '@napi-rs/canvas';
import { BarController, BarElement, CategoryScale, Chart, LinearScale, type Plugin } from 'chart.js';
import type { WeeksChart } from '../../domain/statistics/weeks-chart.ts';
import { printable } from './font.ts';
import { fitted, write } from './lettering.ts';
import {
  AXIS_FONT,
  GRID,
  INK,
  LABEL,
  OVER,
  PADDING,
  SCALE,
  SIZE,
  SOFT,
  TITLE_AT,
  TITLE_FONT,
  WHITE,
  WITHIN,
} from './look.ts';

Chart.register(BarController, BarElement, CategoryScale, LinearScale);

/** More weeks, and more releases in one of them, nobody draws. */
const MOST_WEEKS = 60;
const MOST = 1e6;
const DATE = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' });

/** A PNG of 1280 × 680 pixels: a bar for each week, the failed part of it in another colour. */
export async function renderWeeks(data: WeeksChart): Promise<Uint8Array> {
  const weeks = data.weeks.slice(-MOST_WEEKS).map(({ endsAt, releases, failed }) => {
    const all = countOf(releases);
    const bad = Math.min(all, countOf(failed));
    return { label: DATE.format(new Date(countOf(endsAt, 8.64e15))), good: all - bad, bad };
  });
  const failed = weeks.reduce((sum, { bad }) => sum + bad, 0);
  const canvas = createCanvas(SIZE.width, SIZE.height);
  const chart = new Chart(canvas as never, {
    type: 'bar',
    data: {
      labels: weeks.map(({ label }) => label),
      datasets: [
        { data: weeks.map(({ good }) => good), backgroundColor: WITHIN },
        { data: weeks.map(({ bad }) => bad), backgroundColor: OVER },
      ],
    },
    options: {
      animation: false,
      responsive: false,
      devicePixelRatio: SCALE,
      events: [],
      layout: { padding: PADDING },
      scales: {
        x: {
          stacked: true,
          border: { display: false },
          grid: { display: false },
          ticks: { maxRotation: 0, autoSkipPadding: 16, font: AXIS_FONT, color: SOFT },
        },
        y: {
          stacked: true,
          min: 0,
          suggestedMax: 2,
          border: { display: false },
          grid: { drawTicks: false, color: GRID },
          ticks: { precision: 0, maxTicksLimit: 6, padding: 12, font: AXIS_FONT, color: SOFT },
        },
      },
    },
    plugins: [paper, lettering(data.title, failed)],
  });
  try {
    return await canvas.encode('png');
  } finally {
    chart.destroy();
  }
}

const paper: Plugin<'bar'> = {
  id: 'paper',
  beforeDraw: ({ ctx, width, height }) => {
    ctx.fillStyle = WHITE;
    ctx.fillRect(0, 0, width, height);
  },
};

/** Title, and what the second colour means where it is there. */
function lettering(title: string, failed: number): Plugin<'bar'> {
  return {
    id: 'lettering',
    afterDraw: ({ ctx: context }) => {
      const ctx = context as never as Parameters<typeof write>[0];
      let room = SIZE.width - PADDING.left - PADDING.right;
      if (failed > 0) {
        const words = `${failed} failed`;
        ctx.font = LABEL.font;
        write(ctx, words, SIZE.width - PADDING.right, TITLE_AT, OVER, 'right');
        room -= ctx.measureText(words).width + 40;
      }
      ctx.font = TITLE_FONT;
      write(ctx, fitted(ctx, printable(title), room), PADDING.left, TITLE_AT, INK);
    },
  };
}

function countOf(value: number, most = MOST): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : 0;
}
