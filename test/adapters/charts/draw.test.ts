import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timeTicks, valueTicks } from '../../../src/adapters/charts/axis.ts';
import { drawChart } from '../../../src/adapters/charts/draw.ts';
import { letter, textWidth } from '../../../src/adapters/charts/lettering.ts';
import type { ChartData } from '../../../src/domain/judge/chart.ts';

const DEPLOYED = Date.UTC(2026, 10, 20, 9);
const TICK = 30_000;
const series = (values: readonly (number | null)[], from = -values.length / 2) =>
  values.map((value, index) => ({ at: DEPLOYED + (from + index) * TICK, value }));
const CHART: ChartData = {
  title: 'Error rate, v1.3.0',
  unit: 'ratio',
  points: series([...Array(20).fill(0.002), ...Array(20).fill(0.03)]),
  baseline: 0.002,
  limit: 0.012,
  deployedAt: DEPLOYED,
};

interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue at a place, given in shares of width and height. */
  at(x: number, y: number): readonly number[];
  /** How many pixels are nearly of a colour, between two shares of the width. */
  count(color: readonly number[], from?: number, to?: number): number;
}

/** Reads the PNG back, by the letter of its specification. */
function decode(png: Uint8Array): Picture {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  const parts: Buffer[] = [];
  let [width, height] = [0, 0];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
    if (type === 'IDAT') parts.push(data);
    at += length + 12;
  }
  const rows = inflateSync(Buffer.concat(parts));
  const stride = width * 3;
  const rgb = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    expect(rows[y * (stride + 1)]).toBe(2);
    for (let x = 0; x < stride; x++) {
      const above = y === 0 ? 0 : (rgb[(y - 1) * stride + x] ?? 0);
      rgb[y * stride + x] = (rows[y * (stride + 1) + 1 + x] ?? 0) + above;
    }
  }
  const pixel = (x: number, y: number) => [...rgb.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  return {
    width,
    height,
    at: (x, y) => pixel(Math.round(x * width), Math.round(y * height)),
    count: (color, from = 0, to = 1) => {
      let found = 0;
      for (let y = 0; y < height; y++) {
        for (let x = Math.round(from * width); x < to * width; x++) {
          const off = pixel(x, y).map((value, channel) => Math.abs(value - (color[channel] ?? 0)));
          if (Math.max(...off) < 12) found += 1;
        }
      }
      return found;
    },
  };
}

const BLUE = [18, 100, 163];
const RED = [205, 43, 49];
const SOFT = [97, 96, 97];

describe('the chart', () => {
  test('is a sharp PNG of modest size', async () => {
    const png = await drawChart(CHART);
    const picture = decode(png);
    expect([picture.width, picture.height]).toEqual([1280, 680]);
    expect(png.length).toBeLessThan(200_000);
    expect(picture.at(0.001, 0.5)).toEqual([255, 255, 255]);
  });

  test('is the same each time', async () => {
    expect(Buffer.from(await drawChart(CHART)).equals(Buffer.from(await drawChart(CHART)))).toBe(true);
  });

  test('shows in red what is over the limit, and only that', async () => {
    const bad = decode(await drawChart(CHART));
    const calm = decode(await drawChart({ ...CHART, points: series(Array(40).fill(0.002)) }));
    // Left of the deploy marker the line is blue, right of it red; the labels and the limit are at both.
    expect(bad.count(BLUE, 0.15, 0.5)).toBeGreaterThan(1_000);
    expect(bad.count(RED, 0.55, 0.8)).toBeGreaterThan(calm.count(RED, 0.55, 0.8) + 1_000);
    expect(calm.count(BLUE, 0.55, 0.8)).toBeGreaterThan(1_000);
  });

  test('can be read at the width of a thread: figures are at least a sixtieth of it high', async () => {
    const picture = decode(await drawChart({ ...CHART, title: '' }));
    // The zero of the axis, left of the plot and above the line of the floor.
    const rows = Array.from({ length: picture.height }, (_, y) => y).filter((y) =>
      Array.from({ length: Math.round(0.12 * picture.width) }, (_, x) => x).some(
        (x) => (picture.at(x / picture.width, y / picture.height)[0] ?? 255) < 140,
      ),
    );
    const lowest = rows.filter((y) => y > 0.8 * picture.height && y < 0.87 * picture.height);
    expect(lowest.length / picture.width).toBeGreaterThan(1 / 60);
  });

  test('keeps the names of two levels apart that are nearly the same, and at the floor', async () => {
    const { limit: _limit, ...unlimited } = { ...CHART, baseline: 0, points: series([0, 0, 0.6, 0.6]) };
    const alone = decode(await drawChart(unlimited));
    const both = decode(await drawChart({ ...unlimited, limit: 0.015 }));
    // The letters of the one are as whole beside the other as alone; so is the line below them.
    expect(both.count(SOFT, 0.14, 0.35)).toBeGreaterThan(0.95 * alone.count(SOFT, 0.14, 0.35));
  });

  test('draws no line where nothing was seen', async () => {
    const values = [...Array(15).fill(0.02), ...Array(10).fill(null), ...Array(15).fill(0.02)];
    const picture = decode(await drawChart({ ...CHART, limit: 0.1, points: series(values) }));
    expect(picture.count(BLUE, 0.49, 0.52)).toBe(0);
    expect(picture.count(BLUE, 0.2, 0.23)).toBeGreaterThan(50);
    const jump = [...series(Array(15).fill(0.02), -20), ...series(Array(15).fill(0.02), 5)];
    expect(decode(await drawChart({ ...CHART, limit: 0.1, points: jump })).count(BLUE, 0.49, 0.52)).toBe(0);
  });

  test('says so when nothing was seen at all', async () => {
    const empty = await drawChart({ title: 'Error rate', unit: 'ratio', points: [], deployedAt: DEPLOYED });
    const blind = await drawChart({ ...CHART, points: series([null, null, null]) });
    for (const png of [empty, blind]) expect(decode(png).count(BLUE)).toBe(0);
  });

  test('is drawn whatever the data and the title are', async () => {
    const value = fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }));
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom<ChartData['unit']>('ratio', 'ms'),
        fc.array(value, { maxLength: 30 }),
        fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
        fc.integer({ min: -1e10, max: 1e10 }),
        async (title, unit, values, level, offset) => {
          const levels = level === undefined ? {} : { baseline: level, limit: level * 1.1 };
          const png = await drawChart({
            title,
            unit,
            points: series(values),
            deployedAt: DEPLOYED + offset,
            ...levels,
          });
          expect(png.length).toBeGreaterThan(1_000);
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  test('takes a window of ten thousand ticks', async () => {
    const points = series(Array.from({ length: 10_000 }, (_, index) => (index % 100) / 10_000));
    expect(decode(await drawChart({ ...CHART, points })).count(BLUE)).toBeGreaterThan(1_000);
  });
});

describe('the axes', () => {
  test('have round values', () => {
    expect(valueTicks(0.036, 'ratio', 5).map((tick) => tick.label)).toEqual(['0 %', '1 %', '2 %', '3 %']);
    expect(valueTicks(70, 'ms', 5).map((tick) => tick.label)).toEqual(['0 ms', '20 ms', '40 ms', '60 ms']);
    expect(valueTicks(4_000, 'ms', 5).map((tick) => tick.label)).toEqual([
      '0 ms',
      '1 s',
      '2 s',
      '3 s',
      '4 s',
    ]);
  });

  test('count the time from the deploy', () => {
    const label = (from: number, to: number) =>
      timeTicks(DEPLOYED + from, DEPLOYED + to, DEPLOYED, 6).map((tick) => tick.label);
    expect(label(-3_600_000, 1_800_000)).toEqual([
      '−1 h',
      '−45 min',
      '−30 min',
      '−15 min',
      'deploy',
      '+15 min',
      '+30 min',
    ]);
    expect(label(-2_000, 5_000)).toEqual(['−2 s', 'deploy', '+2 s', '+4 s']);
  });
});

describe('the lettering', () => {
  test('has a glyph for everything that a keyboard writes', () => {
    const questionMark = JSON.stringify(letter('?', 0, 0, 14));
    for (let code = 33; code < 127; code++) {
      const char = String.fromCharCode(code);
      const lines = letter(char, 0, 0, 14);
      expect(lines.length, char).toBeGreaterThan(0);
      if (char !== '?') expect(JSON.stringify(lines), char).not.toBe(questionMark);
      for (const [x, y] of lines.flat()) {
        expect(x, char).toBeGreaterThanOrEqual(-2.5);
        expect(x, char).toBeLessThanOrEqual(textWidth(char, 14) + 2.5);
        expect(y, char).toBeGreaterThanOrEqual(-17);
        expect(y, char).toBeLessThanOrEqual(5);
      }
    }
  });

  test('drops accents and knows its limits', () => {
    expect(letter('é', 0, 0, 14)).toEqual(letter('e', 0, 0, 14));
    expect(letter('漢', 0, 0, 14)).toEqual(letter('?', 0, 0, 14));
    expect(textWidth('', 14)).toBe(0);
  });
});
