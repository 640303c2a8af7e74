import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startWorld, type World } from '../../demo/world.ts';
import { familyOf, type Memory, memoryOf, postgresOf } from './memory.ts';

// Starts the bot together with its embedded database, over and over: how long until it takes commands, and what
// both hold then. The first start, which makes the database, is not counted. Linux only: it reads /proc.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const GOAL = { ms: 2_000, mb: 300 };
const SETTLE_MS = 2_000;

interface Round {
  readonly readyMs: number;
  readonly bot: Memory;
  readonly postgres: Memory;
}

async function round(world: World): Promise<Round> {
  await world.bot.stop();
  const before = Date.now();
  const bot = await world.startBot();
  await sleep(SETTLE_MS);
  return {
    readyMs: readyAt(world.logFile) - before,
    bot: memoryOf([bot.pid]),
    postgres: memoryOf(familyOf(postgresOf(join(world.dir, 'data')))),
  };
}

/** When the bot last said that it is ready, ms since the epoch. */
function readyAt(logFile: string): number {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
  const ready = lines.findLast((line) => line.includes('"Slipway is ready"')) ?? '{}';
  return Date.parse((JSON.parse(ready) as { time: string }).time);
}

const dir = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
chmodSync(dir, 0o711);
const rounds: Round[] = [];
const world = await startWorld({ dir });
try {
  for (let number = 1; number <= Number(values.rounds); number++) {
    process.stderr.write(`\rround ${number}`);
    rounds.push(await round(world));
  }
} finally {
  await world.close();
  rmSync(dir, { recursive: true, force: true });
}
process.stderr.write('\r          \r');

const row = (name: string, of: (one: Round) => number, unit: string, goal?: number) => {
  const sorted = rounds.map(of).sort((a, b) => a - b);
  const at = (share: number) => `${Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)} ${unit}`;
  return `| ${name} | ${at(0.5)} | ${at(1)} | ${goal === undefined ? '' : `< ${goal} ${unit}`} |`;
};
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${rounds.length} warm starts.

| | median | worst | goal |
|---|---:|---:|---:|
${[
  row('start to ready, PostgreSQL included', (one) => one.readyMs, 'ms', GOAL.ms),
  row('memory of both (PSS)', (one) => one.bot.pss + one.postgres.pss, 'MB', GOAL.mb),
  row('memory of the bot (PSS)', (one) => one.bot.pss, 'MB'),
  row('memory of PostgreSQL (PSS)', (one) => one.postgres.pss, 'MB'),
  row('sum of RSS, shared pages counted again and again', (one) => one.bot.rss + one.postgres.rss, 'MB'),
].join('\n')}`);
