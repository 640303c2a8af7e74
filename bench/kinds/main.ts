import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

// What the kinds of adapters cost at a start: those that a small configuration names, and what it would cost besides if all
// were loaded, each in a process of its own in which the bot's own modules are loaded already. CPU time says more than the
// clock where other work keeps the cores busy.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const at = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;
const SMALL = ['git', 'git-branch', 'http', 'probe'];
const THE_BOT = `await import(${JSON.stringify(at('app.js'))}); const { loadAdapters } = await import(${JSON.stringify(at('adapters/tables.js'))});`;
const SOME = `await loadAdapters((name) => ${JSON.stringify(SMALL)}.includes(name));`;
const PARTS = {
  'the bot itself': ['', THE_BOT],
  'what a small configuration names': [THE_BOT, SOME],
  'all other kinds': [THE_BOT + SOME, 'await loadAdapters();'],
} as const;

interface Cost {
  readonly ms: number;
  /** CPU time of the process, ms */
  readonly cpu: number;
  /** MB */
  readonly rss: number;
}

/** What `work` costs once `before` is done. */
function costOf([before, work]: readonly [string, string]): Cost {
  const script = `
    ${before}
    globalThis.gc();
    const [began, memory, used] = [performance.now(), process.memoryUsage().rss, process.cpuUsage()];
    ${work}
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(used);
    globalThis.gc();
    console.log(JSON.stringify({ ms, cpu: (user + system) / 1000, rss: (process.memoryUsage().rss - memory) / 1048576 }));`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Cost;
}

function median(all: readonly number[]): number {
  return [...all].sort((a, b) => a - b)[Math.floor((all.length - 1) / 2)] ?? 0;
}

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${values.rounds} rounds.

| loaded | ms | CPU ms | MB |
|---|---:|---:|---:|`);
for (const [name, part] of Object.entries(PARTS)) {
  const costs = Array.from({ length: Number(values.rounds) }, () => costOf(part));
  const [ms, cpu, rss] = (['ms', 'cpu', 'rss'] as const).map((of) => median(costs.map((one) => one[of])));
  console.log(`| ${name} | ${ms?.toFixed(0)} | ${cpu?.toFixed(0)} | ${rss?.toFixed(1)} |`);
}
