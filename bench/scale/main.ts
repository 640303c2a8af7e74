import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, type Scale } from './measure.ts';

// How the cost of what people do grows with services, open promotions and past ones: a real bot with its embedded
// database and the local workspace, one size after another. Exits 1 when a goal is missed.
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10:2:100,100:20:1000,1000:200:10000' },
    rounds: { type: 'string', default: '9' },
  },
});
const GOAL_MS = 1_000;

const sizes: readonly Scale[] = values.sizes.split(',').map((size) => {
  const [services = 1, open = 0, past = 0] = size.split(':').map(Number);
  return { services, open, past };
});

const columns: {
  readonly size: Scale;
  readonly ms: Readonly<Record<string, number>>;
  readonly mb: number;
}[] = [];
for (const size of sizes) {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-scale-'));
  try {
    columns.push({ size, ...(await measure(dir, size, Number(values.rounds))) });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
process.stderr.write('\r                                                            \r');

const names = Object.keys(columns[0]?.ms ?? {});
const head = columns.map(({ size }) => `${size.services} / ${size.open} / ${size.past}`);
const lines = [
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}.`,
  '',
  `| services / open / past promotions | ${head.join(' | ')} | goal |`,
  `|---|${'---:|'.repeat(columns.length)}---|`,
  ...names.map((name) => {
    const all = columns.map(({ ms }) => ms[name] ?? Number.NaN);
    const isHeld = all.every((ms) => ms <= GOAL_MS);
    if (!isHeld) process.exitCode = 1;
    return `| ${name}, ms | ${all.map(Math.round).join(' | ')} | ≤ 1 s: ${isHeld ? 'held' : 'missed'} |`;
  }),
  `| memory of the bot, MB | ${columns.map(({ mb }) => Math.round(mb)).join(' | ')} | |`,
];
console.log(lines.join('\n'));
