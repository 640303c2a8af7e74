import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { renderChart } from '../../../src/adapters/charts/chart.ts';
import { chartDrawer } from '../../../src/adapters/charts/draw.ts';
import { loadFont } from '../../../src/adapters/charts/font.ts';
import type { ChartData } from '../../../src/domain/judge/chart.ts';
import { compiledModule } from '../../support/compiled.ts';
import { CHART } from './sample.ts';

beforeAll(loadFont);

test('a process of its own draws the same picture', async () => {
  const png = await chartDrawer()(CHART);
  expect(Buffer.from(png).equals(Buffer.from(await renderChart(CHART)))).toBe(true);
});

test('a chart that fails says why, and the next one is drawn', async () => {
  const drawChart = chartDrawer();
  const [bad, good] = await Promise.allSettled([
    drawChart({ ...CHART, points: null as unknown as ChartData['points'] }),
    drawChart(CHART),
  ]);
  expect(bad).toMatchObject({ reason: { message: expect.stringMatching(/ended with 1: .*TypeError/s) } });
  expect(good.status).toBe('fulfilled');
});

test('whoever has a chart drawn does not load what draws it', async () => {
  const program = `
    const { chartDrawer } = await import(${JSON.stringify(await compiledModule('adapters/charts/draw'))});
    const { length } = await chartDrawer()(${JSON.stringify(CHART)});
    const loaded = process.report.getReport().sharedObjects.filter((file) => /skia|canvas/.test(file));
    console.log(JSON.stringify({ drawn: length > 1_000, loaded }));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
  expect(JSON.parse(stdout)).toEqual({ drawn: true, loaded: [] });
});
