import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Contestant, contestants } from './contestants.ts';
import { makeFixture, sizesOf } from './fixture.ts';
import { type Inspection, inspect, measure, type Run } from './measure.ts';
import { installPeers } from './peers.ts';

// Cuts the same release with Slipway, its peers and bare git, in turns, and prints tables in Markdown.
// `--peers DIR` keeps the installed peers for the next time, `--only NAME` leaves out all but one and the floor.
const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,1000,10000,large' },
    rounds: { type: 'string', default: '9' },
    only: { type: 'string', default: '' },
    peers: { type: 'string' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
const peersFolder = values.peers ?? join(scratch, 'peers');
mkdirSync(peersFolder, { recursive: true });
const peers = installPeers(peersFolder);
const all = contestants(peers).filter(
  ({ name }, index) => index === 0 || name.toLowerCase().includes(values.only.toLowerCase()),
);

const nodeVersion = execFileSync(peers.node, ['--version'], { encoding: 'utf8' }).trim();
const gitVersion = execFileSync('git', ['--version'], { encoding: 'utf8' }).trim();
console.log(
  `${gitVersion}, Node ${nodeVersion}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${process.platform}.`,
);

for (const size of sizesOf(values.sizes)) {
  const folder = join(scratch, `${size.commits}-${size.releases}`);
  mkdirSync(folder);
  const fixture = makeFixture(folder, size);
  const slipway = fileURLToPath(new URL('./slipway.js', import.meta.url));
  execFileSync(peers.node, [slipway, fixture.remote, fixture.data, 'fetch']);
  const runs = new Map<Contestant, (Run | null)[]>(all.map((contestant) => [contestant, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    // Another order each time: nobody always runs behind the same neighbour.
    for (let index = 0; index < all.length; index++) {
      const contestant = all[(index + round) % all.length] as Contestant;
      process.stderr.write(`\r${size.name}, round ${round + 1}: ${contestant.name.padEnd(40)}`);
      runs.get(contestant)?.push(await measure(contestant, fixture, scratch));
    }
  }
  const inspections = new Map<Contestant, Inspection>();
  for (const contestant of all) inspections.set(contestant, await inspect(contestant, fixture, scratch));
  process.stderr.write(`\r${' '.repeat(80)}\r`);
  console.log(`\n### ${size.name}\n\n${table(runs, inspections)}`);
  rmSync(folder, { recursive: true, force: true });
}
rmSync(scratch, { recursive: true, force: true });

function table(
  runs: ReadonlyMap<Contestant, readonly (Run | null)[]>,
  inspections: ReadonlyMap<Contestant, Inspection>,
): string {
  const [floor] = runs.values();
  const floorMs = median(floor ?? [], (run) => run.workMs) ?? Number.NaN;
  const lines = [...runs].map(([contestant, measured]) => {
    const { gitProcesses, faults } = inspections.get(contestant) ?? {
      gitProcesses: 0,
      faults: ['not looked at'],
    };
    const wall = median(measured, (run) => run.wallMs);
    const work = median(measured, (run) => run.workMs);
    const cells = [
      contestant.name,
      ms(wall),
      ms(work),
      work === null ? '–' : `${(work / floorMs).toFixed(2)} ×`,
      ms(median(measured, (run) => run.cpuMs)),
      amount(
        median(measured, (run) => run.peakMb ?? Number.NaN),
        'MB',
      ),
      String(gitProcesses),
      faults.length === 0 ? 'yes' : `no: ${faults.join(', ')}`,
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    '| | whole process | work | work ÷ floor | CPU | peak memory | git processes | whole job done |',
    '|---|---:|---:|---:|---:|---:|---:|---|',
    ...lines,
  ].join('\n');
}

function median(runs: readonly (Run | null)[], of: (run: Run) => number): number | null {
  const values = runs.flatMap((run) => (run === null ? [] : [of(run)])).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}

function ms(value: number | null): string {
  return amount(value, 'ms');
}

function amount(value: number | null, unit: string): string {
  return value === null || Number.isNaN(value) ? '–' : `${Math.round(value).toLocaleString('en')} ${unit}`;
}
