import { createCanvas, loadImage } from '@napi-rs/canvas';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { timeLabel, timeTicks } from '../../../src/adapters/charts/axis.ts';
import { openChart, renderChart } from '../../../src/adapters/charts/chart.ts';
import { FONT_FAMILY, loadFont, printable } from '../../../src/adapters/charts/font.ts';
import * as look from '../../../src/adapters/charts/look.ts';
import type { ChartData } from '../../../src/domain/judge/chart.ts';
import { contrast, difference, rgbOf } from './colour-vision.ts';
import { CHART, DEPLOYED, series } from './sample.ts';

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue at a place, given in shares of width and height. */
  at(x: number, y: number): readonly number[];
  /** How many pixels are nearly of a colour, between two shares of the width. */
  count(color: readonly number[], from?: number, to?: number): number;
}

async function decode(png: Uint8Array): Promise<Pixels> {
  expect(Buffer.from(png).subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n');
  const image = await loadImage(png);
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const pixel = (x: number, y: number) => {
    const from = (y * width + x) * 4;
    return [...data.subarray(from, from + 3)];
  };
  for (let alpha = 3; alpha < data.length; alpha += 4) {
    if (data[alpha] !== 255) expect.fail('a pixel lets the page shine through');
  }
  return {
    width,
    height,
    at: (x, y) => pixel(Math.round(x * width), Math.round(y * height)),
    count: ([red = 0, green = 0, blue = 0], from = 0, to = 1) => {
      const isNear = (at: number, value: number) => Math.abs((data[at] ?? 0) - value) < 12;
      let found = 0;
      for (let y = 0; y < height; y++) {
        for (let x = Math.round(from * width); x < to * width; x++) {
          const at = (y * width + x) * 4;
          if (isNear(at, red) && isNear(at + 1, green) && isNear(at + 2, blue)) found += 1;
        }
      }
      return found;
    },
  };
}

const [WITHIN, OVER, SOFT] = [rgbOf(look.WITHIN), rgbOf(look.OVER), rgbOf(look.SOFT)];

beforeAll(loadFont);

describe('the chart', () => {
  test('is a sharp PNG of modest size', async () => {
    const png = await renderChart(CHART);
    const picture = await decode(png);
    expect([picture.width, picture.height]).toEqual([1280, 680]);
    expect(png.length).toBeLessThan(200_000);
    expect(picture.at(0.001, 0.5)).toEqual([255, 255, 255]);
  });

  test('is the same each time', async () => {
    expect(Buffer.from(await renderChart(CHART)).equals(Buffer.from(await renderChart(CHART)))).toBe(true);
  });

  test('shows in another colour what is over the limit, and only that', async () => {
    const bad = await decode(await renderChart(CHART));
    const calm = await decode(await renderChart({ ...CHART, points: series(Array(40).fill(0.002)) }));
    // Left of the deploy marker the line is within, right of it over; the labels and the limit are at both.
    expect(bad.count(WITHIN, 0.15, 0.5)).toBeGreaterThan(1_000);
    expect(bad.count(OVER, 0.55, 0.8)).toBeGreaterThan(calm.count(OVER, 0.55, 0.8) + 1_000);
    expect(calm.count(WITHIN, 0.55, 0.8)).toBeGreaterThan(1_000);
  });

  test('can be read at the width of a thread: figures are at least a sixtieth of it high', async () => {
    const picture = await decode(await renderChart({ ...CHART, title: '' }));
    // The zero of the axis, left of the plot and above the line of the floor.
    const rows = Array.from({ length: picture.height }, (_, y) => y).filter((y) =>
      Array.from({ length: Math.round(0.1 * picture.width) }, (_, x) => x).some(
        (x) => (picture.at(x / picture.width, y / picture.height)[0] ?? 255) < 140,
      ),
    );
    const lowest = rows.filter((y) => y > 0.8 * picture.height && y < 0.87 * picture.height);
    expect(lowest.length / picture.width).toBeGreaterThan(1 / 60);
  });

  test('keeps the names of two levels apart that are nearly the same, and at the floor', async () => {
    const { limit: _limit, ...unlimited } = { ...CHART, baseline: 0, points: series([0, 0, 0.6, 0.6]) };
    const alone = await decode(await renderChart(unlimited));
    const both = await decode(await renderChart({ ...unlimited, limit: 0.015 }));
    // The letters of the one are as whole beside the other as alone; so is the line below them.
    expect(both.count(SOFT, 0.14, 0.35)).toBeGreaterThan(0.95 * alone.count(SOFT, 0.14, 0.35));
  });

  test('draws no line where nothing was seen', async () => {
    const values = [...Array(15).fill(0.02), ...Array(10).fill(null), ...Array(15).fill(0.02)];
    const picture = await decode(await renderChart({ ...CHART, limit: 0.1, points: series(values) }));
    expect(picture.count(WITHIN, 0.49, 0.52)).toBe(0);
    expect(picture.count(WITHIN, 0.2, 0.23)).toBeGreaterThan(50);
    const jump = [...series(Array(15).fill(0.02), -20), ...series(Array(15).fill(0.02), 5)];
    expect(
      (await decode(await renderChart({ ...CHART, limit: 0.1, points: jump }))).count(WITHIN, 0.49, 0.52),
    ).toBe(0);
  });

  test('says so when nothing was seen at all', async () => {
    const empty = await renderChart({ title: 'Error rate', unit: 'ratio', points: [], deployedAt: DEPLOYED });
    const blind = await renderChart({ ...CHART, points: series([null, null, null]) });
    for (const png of [empty, blind]) expect((await decode(png)).count(WITHIN)).toBe(0);
  });

  test('is drawn whatever the data and the title are', async () => {
    // Prometheus answers NaN and infinity too.
    const value = fc.option(fc.oneof(fc.double({ min: 0, max: 1e6 }), fc.double()));
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom<ChartData['unit']>('ratio', 'ms'),
        fc.array(value, { maxLength: 30 }),
        fc.option(fc.oneof(fc.double({ min: 0, max: 1e6 }), fc.double()), { nil: undefined }),
        fc.integer({ min: -1e10, max: 1e10 }),
        async (title, unit, values, level, offset) => {
          const levels = level === undefined ? {} : { baseline: level, limit: level * 1.1 };
          const png = await renderChart({
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

  test('leaves out what is no number, or far too large to be one', async () => {
    const values = [1.7e308, Number.POSITIVE_INFINITY, Number.NaN, 0.02, 0.02];
    const picture = await decode(await renderChart({ ...CHART, limit: 1.7e308, points: series(values) }));
    expect(picture.count(WITHIN)).toBeGreaterThan(1_000);
  });

  test('takes a window of ten thousand ticks', async () => {
    const points = series(Array.from({ length: 10_000 }, (_, index) => (index % 100) / 10_000));
    expect((await decode(await renderChart({ ...CHART, points }))).count(WITHIN)).toBeGreaterThan(1_000);
  });
});

describe('the colours', () => {
  test.each([look.WITHIN, look.OVER, look.SOFT, look.INK])('%s can be read as text on white', (color) => {
    expect(contrast(rgbOf(color), rgbOf(look.WHITE))).toBeGreaterThan(4.5);
  });

  test.each(['usual', 'protanopia', 'deuteranopia', 'tritanopia'] as const)(
    'of the line are told apart with %s vision',
    (vision) => {
      expect(difference(WITHIN, OVER, vision)).toBeGreaterThan(50);
    },
  );
});

describe('the axes', () => {
  test('have round values', () => {
    const labels = (high: number, unit: ChartData['unit']) => {
      const chart = openChart(createCanvas(640, 340), {
        title: '',
        unit,
        points: series([high]),
        deployedAt: DEPLOYED,
      });
      const { ticks } = chart.scales['y'] ?? { ticks: [] };
      chart.destroy();
      return ticks.map((tick) => tick.label);
    };
    expect(labels(0.03, 'ratio')).toEqual(['0 %', '1 %', '2 %', '3 %']);
    expect(labels(60, 'ms')).toEqual(['0 ms', '20 ms', '40 ms', '60 ms']);
    expect(labels(3_500, 'ms')).toEqual(['0 ms', '1 s', '2 s', '3 s', '4 s']);
  });

  test('count the time from the deploy', () => {
    const labels = (from: number, to: number) => timeTicks(from, to, 6).map(timeLabel);
    expect(labels(-3_600_000, 1_800_000)).toEqual([
      '−1 h',
      '−45 min',
      '−30 min',
      '−15 min',
      'deploy',
      '+15 min',
      '+30 min',
    ]);
    expect(labels(-2_000, 5_000)).toEqual(['−2 s', 'deploy', '+2 s', '+4 s']);
  });
});

describe('the lettering', () => {
  /** What a letter looks like, and the box of it, in points from where it begins. */
  function letter(char: string) {
    const context = createCanvas(60, 60).getContext('2d');
    context.font = `14px ${FONT_FAMILY}`;
    context.fillText(char, 20, 30);
    return { pixels: Buffer.from(context.getImageData(0, 0, 60, 60).data), box: context.measureText(char) };
  }

  test('has a glyph for everything that a keyboard writes', () => {
    const [questionMark, missing] = [letter('?').pixels, letter('\u{fffe}').pixels];
    for (const char of [
      ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)),
      ...'…−–éßŁőž€',
    ]) {
      const { pixels, box } = letter(char);
      expect(printable(char), char).toBe(char);
      expect(
        pixels.some((value) => value > 0),
        char,
      ).toBe(true);
      expect(pixels.equals(missing), char).toBe(false);
      if (char !== '?') expect(pixels.equals(questionMark), char).toBe(false);
      expect(box.actualBoundingBoxLeft, char).toBeLessThanOrEqual(2.5);
      expect(box.actualBoundingBoxRight, char).toBeLessThanOrEqual(box.width + 2.5);
      expect(box.actualBoundingBoxAscent, char).toBeLessThanOrEqual(17);
      expect(box.actualBoundingBoxDescent, char).toBeLessThanOrEqual(5);
    }
  });

  test('knows its limits', () => {
    expect(printable('e\u0301')).toBe('é');
    expect(printable('漢')).toBe('?');
    expect(printable('a\u0336\u0337\u0338\n\n\u202eb\0')).toBe('a b');
    expect(printable('')).toBe('');
  });
});
