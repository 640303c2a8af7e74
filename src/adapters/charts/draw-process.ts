/** Reads the data of one chart as JSON from its input and writes the picture to its output. Started by `draw.ts`. */
import { json } from 'node:stream/consumers';
import { renderChart } from './chart.ts';
import type { Drawing } from './draw.ts';
import { loadFont } from './font.ts';
import { renderWeeks } from './weeks.ts';

loadFont();
const drawing = (await json(process.stdin)) as Drawing;
process.stdout.end(await ('weeks' in drawing ? renderWeeks(drawing) : renderChart(drawing)));
