import type { SKRSContext2D } from '@napi-rs/canvas';
import type { Plugin } from 'chart.js';
import { valueLabel } from './axis.ts';
import { printable } from './font.ts';
import {
  INK,
  LABEL,
  OVER,
  PADDING,
  SIZE,
  SOFT,
  TITLE_AT,
  TITLE_FONT,
  UNSEEN,
  WHITE,
  WITHIN,
} from './look.ts';
import { type Level, lastSeen, limitOf, type Picture } from './picture.ts';

const MOST_LETTERS = 200;
/** Levels that are closer than this, in points, would have their labels run into each other. */
const TIGHT = 32;

/** White paper, grey where nothing was seen. */
export function paper({ readings }: Picture): Plugin<'line'> {
  return {
    id: 'paper',
    beforeDraw: ({ ctx, chartArea: { top, bottom }, scales: { x }, width, height }) => {
      ctx.fillStyle = WHITE;
      ctx.fillRect(0, 0, width, height);
      ctx.fillStyle = UNSEEN;
      readings.forEach((reading, index) => {
        if (!Number.isNaN(reading.y)) return;
        const at = (near: number) => x?.getPixelForValue((readings[near] ?? reading).x) ?? 0;
        ctx.fillRect(at(index - 1), top, at(index + 1) - at(index - 1), bottom - top);
      });
    },
  };
}

/** Title, what was seen last, and the names of the levels, on top of all lines. */
export function lettering(picture: Picture): Plugin<'line'> {
  return {
    id: 'lettering',
    afterDraw: ({ ctx, chartArea, scales: { y } }) => {
      const at = (value: number) => y?.getPixelForValue(value) ?? 0;
      nameLevels(ctx, picture, at, chartArea);
      const last = lastSeen(picture);
      ctx.font = TITLE_FONT;
      let room = SIZE.width - PADDING.left - PADDING.right;
      if (last === undefined) {
        const middle = (chartArea.left + chartArea.right) / 2;
        write(ctx, 'nothing was seen', middle, (chartArea.top + chartArea.bottom) / 2, SOFT, 'center');
      } else {
        const now = `now ${valueLabel(last.y, picture.unit)}`;
        const color = last.y > limitOf(picture) ? OVER : WITHIN;
        write(ctx, now, SIZE.width - PADDING.right, TITLE_AT, color, 'right');
        room -= ctx.measureText(now).width + 40;
        ctx.beginPath();
        ctx.arc(PADDING.left + room + 25, TITLE_AT - 8, 5, 0, 2 * Math.PI);
        ctx.fill();
      }
      write(ctx, fitted(ctx, printable(picture.title), room), PADDING.left, TITLE_AT, INK);
    },
  };
}

function nameLevels(
  ctx: SKRSContext2D,
  { levels, unit }: Picture,
  at: (value: number) => number,
  { left, bottom }: { readonly left: number; readonly bottom: number },
): void {
  ctx.font = LABEL.font;
  const name = (level: Level, x: number, y: number) => {
    const text = `${level.name} ${valueLabel(level.value, unit)}`;
    write(ctx, text, x, y, level.name === 'limit' ? OVER : SOFT);
    return x + ctx.measureText(text).width + 20;
  };
  const [low, high] = [...levels].sort((a, b) => a.value - b.value);
  if (low === undefined) return;
  const start = left + 8;
  const tight = high !== undefined && at(low.value) - at(high.value) < TIGHT;
  // Under its line; side by side where there is no room under it either.
  const below = tight && at(low.value) < bottom - 26;
  const end = name(low, start, at(low.value) + (below ? LABEL.size + 3 : -8));
  if (high) name(high, tight && !below ? end : start, at(high.value) - 8);
}

/** With a halo, so that no line runs through the letters. */
export function write(
  ctx: SKRSContext2D,
  text: string,
  x: number,
  y: number,
  color: string,
  align: SKRSContext2D['textAlign'] = 'left',
): void {
  ctx.textAlign = align;
  ctx.textBaseline = 'alphabetic';
  ctx.lineJoin = 'round';
  ctx.lineWidth = 5;
  ctx.strokeStyle = WHITE;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
}

/** As much of a text as there is room for. */
export function fitted(ctx: SKRSContext2D, text: string, width: number): string {
  if (text.length <= MOST_LETTERS && ctx.measureText(text).width <= width) return text;
  const letters = [...text].slice(0, MOST_LETTERS);
  const shortened = () => `${letters.join('').trimEnd()}…`;
  while (letters.length > 0 && ctx.measureText(shortened()).width > width) letters.pop();
  return shortened();
}
