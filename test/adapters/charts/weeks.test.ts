import { loadImage } from '@napi-rs/canvas';
import { beforeAll, describe, expect, test } from 'vitest';
import { chartDrawer } from '../../../src/adapters/charts/draw.ts';
import { loadFont } from '../../../src/adapters/charts/font.ts';
import { OVER, WITHIN } from '../../../src/adapters/charts/look.ts';
import { renderWeeks } from '../../../src/adapters/charts/weeks.ts';
import type { WeeksChart } from '../../../src/domain/statistics/weeks-chart.ts';
import { pixelsOf } from './pixels.ts';

beforeAll(loadFont);

const WEEK_MS = 7 * 86_400_000;
const chart = (weeks: readonly (readonly [releases: number, failed: number])[]): WeeksChart => ({
  title: 'Releases of shop, each week',
  weeks: weeks.map(([releases, failed], index) => ({
    endsAt: Date.UTC(2026, 10, 29) - (weeks.length - 1 - index) * WEEK_MS,
    releases,
    failed,
  })),
});

describe('the releases of each week', () => {
  test('are bars, the failed part of each in another colour', async () => {
    const seen = await pixelsOf(
      await renderWeeks(
        chart([
          [2, 0],
          [4, 1],
          [0, 0],
          [3, 3],
        ]),
      ),
    );
    // 5 of 9 are well, but for what edges and letters take.
    const [well, failed] = [seen(WITHIN), seen(OVER)];
    expect(well / (well + failed)).toBeGreaterThan(0.5);
    expect(well / (well + failed)).toBeLessThan(0.6);
    const fine = await pixelsOf(
      await renderWeeks(
        chart([
          [2, 0],
          [4, 0],
        ]),
      ),
    );
    expect([fine(WITHIN) > 1_000, fine(OVER)]).toEqual([true, 0]);
  });

  test('are drawn whatever the numbers are', async () => {
    for (const odd of [Number.NaN, -1, Number.POSITIVE_INFINITY, 1e300]) {
      const png = await renderWeeks({
        title: 'x'.repeat(5_000),
        weeks: [{ endsAt: odd, releases: odd, failed: odd }],
      });
      expect((await loadImage(Buffer.from(png))).width).toBe(1_280);
    }
    expect((await renderWeeks({ title: '', weeks: [] })).length).toBeGreaterThan(1_000);
  });

  test('are drawn by the process that draws', async () => {
    const data = chart([
      [1, 0],
      [2, 1],
    ]);
    expect(Buffer.from(await chartDrawer()(data)).equals(Buffer.from(await renderWeeks(data)))).toBe(true);
  });
});
