import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runScript } from '../../demo/script.ts';
import { startWorld, type World } from '../../demo/world.ts';
import { familyOf, type Memory, memoryOf, postgresOf } from './memory.ts';

// Starts the bot together with its embedded database, over and over: how long until it takes commands, and what
// both hold then. After the last start it ships the shop, and both are measured again. The first start, which makes
// the database, is not counted. Exits 1 when a goal is missed. Linux only: it reads /proc.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const GOAL = { ms: 2_000, mb: 300 };
/** Connections that nobody uses end after 3 s. */
const SETTLE_MS = 5_000;

interface Held {
  readonly bot: Memory;
  readonly postgres: Memory;
}

interface Round extends Held {
  readonly readyMs: number;
}

async function round(world: World): Promise<Round> {
  await world.bot.stop();
  const before = Date.now();
  await world.startBot();
  const readyMs = (await readyAt(world.logFile, before)) - before;
  await sleep(SETTLE_MS);
  return { readyMs, ...held(world) };
}

/** When the bot that was started after `since` said that it is ready, ms since the epoch. */
async function readyAt(logFile: string, since: number): Promise<number> {
  for (;;) {
    const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n');
    const ready = lines.findLast((line) => line.includes('"Slipway is ready"')) ?? '{}';
    const at = Date.parse((JSON.parse(ready) as { time: string }).time);
    if (at >= since) return at;
    await sleep(50);
  }
}

function held(world: World): Held {
  return {
    bot: memoryOf([world.bot.pid]),
    postgres: memoryOf(familyOf(postgresOf(join(world.dir, 'data')))),
  };
}

const dir = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
chmodSync(dir, 0o711);
const rounds: Round[] = [];
const shipped: Held[] = [];
const rested: Held[] = [];
const world = await startWorld({ dir, window: '5s' });
try {
  for (let number = 1; number <= Number(values.rounds); number++) {
    process.stderr.write(`\rround ${number}`);
    rounds.push(await round(world));
  }
  if ((await runScript(world, () => undefined)) !== 0) throw new Error(`not shipped; see ${world.logFile}`);
  shipped.push(held(world));
  await sleep(SETTLE_MS);
  rested.push(held(world));
} finally {
  await world.close();
  rmSync(dir, { recursive: true, force: true });
}
process.stderr.write('\r          \r');

function row<T>(
  name: string,
  all: readonly T[],
  of: (one: T) => number,
  unit: string,
  goal?: number,
): string {
  const sorted = all.map(of).sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  if (goal !== undefined && at(0.5) >= goal) process.exitCode = 1;
  return `| ${name} | ${at(0.5)} ${unit} | ${at(1)} ${unit} | ${goal === undefined ? '' : `< ${goal} ${unit}`} |`;
}

const rss = ({ bot, postgres }: Held) => bot.rss + postgres.rss;
const pss = ({ bot, postgres }: Held) => bot.pss + postgres.pss;
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${rounds.length} warm starts.

| | median | worst | goal |
|---|---:|---:|---:|
${[
  row('start to ready, PostgreSQL included', rounds, (one) => one.readyMs, 'ms', GOAL.ms),
  row('RSS of both', rounds, rss, 'MB', GOAL.mb),
  row('RSS of the bot', rounds, (one) => one.bot.rss, 'MB'),
  row('RSS of PostgreSQL, shared pages once for each process', rounds, (one) => one.postgres.rss, 'MB'),
  row('PSS of both, shared pages once', rounds, pss, 'MB'),
  row('RSS of both, the moment a promotion has ended', shipped, rss, 'MB', GOAL.mb),
  row('RSS of both, 5 s later', rested, rss, 'MB', GOAL.mb),
].join('\n')}`);
