/** Reads the data of one chart as JSON from its input and writes the picture to its output. Started by `draw.ts`. */
import { json } from 'node:stream/consumers';
import type { ChartData } from '../../domain/judge/chart.ts';
import { renderChart } from './chart.ts';
import { loadFont } from './font.ts';

loadFont();
process.stdout.end(await renderChart((await json(process.stdin)) as ChartData));
