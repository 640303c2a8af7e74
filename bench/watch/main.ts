import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import type { Watched } from './watcher.ts';

// Many windows watched at once by one process: how late ticks are read, and how the cost grows. Exits 1 when a goal is
// missed.
const { values } = parseArgs({
  options: {
    windows: { type: 'string', default: '100,300,1000' },
    seconds: { type: 'string', default: '90' },
  },
});
const MOST_LAG_MS = 1_000;
const MOST_RSS_MB = 400;

const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
const at = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN);
const held = (isHeld: boolean) => {
  if (!isHeld) process.exitCode = 1;
  return isHeld ? 'held' : 'missed';
};

const prometheus = fork(program('prometheus'), { stdio: 'inherit' });
const [port] = await once(prometheus, 'message');
const folder = mkdtempSync(join(tmpdir(), 'slipway-watch-'));
const lines = [
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}. A tick every 30 s, watched for ${values.seconds} s.`,
  '',
  '| windows | ticks | late: median | p99 | worst | CPU a tick | memory | journal a tick | goal |',
  '|---:|---:|---:|---:|---:|---:|---:|---:|---|',
];
try {
  for (const windows of values.windows.split(',')) {
    process.stderr.write(`\r${windows} windows …        `);
    const args = [
      program('watcher'),
      join(folder, windows),
      `http://127.0.0.1:${port}`,
      windows,
      values.seconds,
    ];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
      timeout: 600_000,
      maxBuffer: 1 << 26,
    });
    process.stderr.write(stderr);
    const { lags, cpuPerTick, rss, bytesPerTick }: Watched = JSON.parse(stdout);
    const sorted = lags.toSorted((a, b) => a - b);
    const isGood = at(sorted, 0.99) <= MOST_LAG_MS && rss <= MOST_RSS_MB;
    lines.push(
      `| ${windows} | ${lags.length} | ${at(sorted, 0.5)} ms | ${at(sorted, 0.99)} ms | ${at(sorted, 1)} ms | ${cpuPerTick.toFixed(1)} ms | ${Math.round(rss)} MB | ${(bytesPerTick / 1_024).toFixed(1)} KB | ${held(isGood)} |`,
    );
  }
} finally {
  prometheus.kill();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
process.stderr.write('\r                         \r');
console.log(lines.join('\n'));
