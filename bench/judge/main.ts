import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort } from 'node:worker_threads';
import { COUNT_START, countTick } from '../../src/domain/judge/counts/count-metric.ts';
import { baselineOf } from '../../src/domain/judge/evidence/baseline.ts';
import { COUNT_CELLS } from './cells.ts';
import { Figures } from './figures.ts';
import { checkInWords, checksOf, isHeld } from './goals.ts';
import { LATENCY_CELLS } from './latency-cells.ts';
import { runAll, type Task } from './pool.ts';
import { detectionTable, falseAlarmTable, stressTable } from './report.ts';

// How often each judge is wrong about healthy windows and how soon it sees the others, on traffic from fixed seeds.
// `--windows 100` is enough to see that it works; the goals are meant for 1,000 and more.
const CELLS = [...COUNT_CELLS, ...LATENCY_CELLS];
/** The first of what takes longest last would leave the other threads idle. */
const ORDER = [...LATENCY_CELLS, ...COUNT_CELLS];

/** Median of one tick of sixty with ten metrics, ms. */
function tickMs(): number {
  const rules = { tickMs: 30_000, settle: 6, limit: 0.01, metrics: 10 };
  const ticks = Array.from({ length: 120 }, (_, index) => [600, index % 3] as const);
  const baseline = baselineOf(ticks, rules.tickMs);
  const state = { ...COUNT_START, after: ticks.slice(0, 59) };
  const took = Array.from({ length: 200 }, () => {
    const begun = performance.now();
    for (let metric = 0; metric < 10; metric++) countTick(baseline, state, [600, 1], rules);
    return performance.now() - begun;
  });
  return took.sort((a, b) => a - b)[100] ?? 0;
}

const seconds = (ms: number) => Math.round(ms / 1_000);

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${text.padEnd(20)}\r`);
}

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { windows: { type: 'string', default: '1000' }, threads: { type: 'string' } },
  });
  const windows = Number(values.windows);
  const threads = Number(values.threads ?? cpus().length);
  const begun = performance.now();
  const figures = new Figures(
    await runAll(
      new URL(import.meta.url),
      ORDER.map(({ id }): Task => ({ id, windows })),
      threads,
      (done) => showProgress(`${done} of ${ORDER.length} cells`),
    ),
  );
  showProgress('');
  const checks = checksOf(figures, tickMs());
  console.log(`Node ${process.version}, ${threads} threads, ${windows} windows a cell, ${seconds(performance.now() - begun)} s (${seconds(process.cpuUsage().user / 1_000)} s of CPU).

Healthy windows with an alarm, in percent, at 2 / 20 / 200 requests a second:

${falseAlarmTable(figures)}

Slipway in healthy windows that it was not tuned on, in percent, at 2 / 20 / 200 requests a second:

${stressTable(figures)}

Windows that are not healthy:

${detectionTable(figures)}

Goals:

${checks.map(checkInWords).join('\n')}
`);
  return checks.every(isHeld);
}

if (isMainThread) {
  process.exitCode = (await main()) ? 0 : 1;
} else {
  parentPort?.on('message', ({ id, windows }: Task) => {
    const result = CELLS.find((cell) => cell.id === id)?.run(windows);
    parentPort?.postMessage({ id, result });
  });
}
