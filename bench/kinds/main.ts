import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

// What it costs a start that every kind of adapter is loaded, configured or not: in processes of its own, the modules that any
// bot needs, and then those of all kinds. CPU time says more than
// the clock where other work keeps the cores busy.
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '9' } } });
const at = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;
/** What a bot with git, a branch as its target, an HTTP check and a probe loads of all this anyway. */
const LEAST = [
  'adapters/repositories/git/repository-port.js',
  'adapters/targets/branch/git-branch.js',
  'adapters/checks/http.js',
  'adapters/metrics/probe/kind.js',
  'adapters/shared/kinds.js',
];

interface Cost {
  readonly ms: number;
  /** CPU time of the process, ms */
  readonly cpu: number;
  /** MB */
  readonly rss: number;
}

/** From the least set-up on, the modules of `path`. */
function costOf(path: string): Cost {
  const script = `
    for (const one of ${JSON.stringify(LEAST.map(at))}) await import(one);
    globalThis.gc();
    const [began, before, used] = [performance.now(), process.memoryUsage().rss, process.cpuUsage()];
    await import(${JSON.stringify(at(path))});
    const ms = performance.now() - began;
    const { user, system } = process.cpuUsage(used);
    globalThis.gc();
    console.log(JSON.stringify({ ms, cpu: (user + system) / 1000, rss: (process.memoryUsage().rss - before) / 1048576 }));`;
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

const PARTS = [
  'tables',
  'targets/index',
  'repositories/index',
  'checks/index',
  'metrics/index',
  'alerts/index',
  'logs/index',
];
console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${values.rounds} rounds.

| loaded besides the least | ms | CPU ms | MB |
|---|---:|---:|---:|`);
for (const part of PARTS) {
  const costs = Array.from({ length: Number(values.rounds) }, () => costOf(`adapters/${part}.js`));
  const [ms, cpu, rss] = (['ms', 'cpu', 'rss'] as const).map((of) => median(costs.map((one) => one[of])));
  const name = part === 'tables' ? 'all kinds' : part.replace('/index', '');
  console.log(`| ${name} | ${ms?.toFixed(0)} | ${cpu?.toFixed(0)} | ${rss?.toFixed(1)} |`);
}
