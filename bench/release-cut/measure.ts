import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Contestant } from './contestants.ts';
import { type Fixture, GIT_ENVIRONMENT } from './fixture.ts';
import { verify } from './verify.ts';

export interface Run {
  /** From the start of the process to its end, ms. */
  readonly wallMs: number;
  /** The same without the start of the runtime and the loading of modules, where the contestant tells. */
  readonly workMs: number;
  /** User and system time of the process and all that it started, ms. */
  readonly cpuMs: number;
  /** Peak of the largest Node process, MB; null where there is none. */
  readonly peakMb: number | null;
}

/** What is not measured but looked at, in a run of its own. */
export interface Inspection {
  /** Git processes that the tool started, without those that git starts. */
  readonly gitProcesses: number;
  /** What is missing of the whole job; empty: all was done. */
  readonly faults: readonly string[];
}

const LONGEST_MS = 180_000;
/** Loaded into every Node process of a contestant: writes its peak memory, in KB, when it ends. */
const REPORT = `process.on('exit', () => {
  require('node:fs').appendFileSync(process.env.SLIPWAY_BENCH_USAGE, process.resourceUsage().maxRSS + '\\n');
});
`;

/** One measured run. Null when the tool failed. */
export async function measure(
  contestant: Contestant,
  fixture: Fixture,
  scratch: string,
): Promise<Run | null> {
  fixture.restore();
  contestant.prepare(fixture);
  const usage = join(scratch, 'usage');
  rmSync(usage, { force: true });
  const report = join(scratch, 'report-usage.cjs');
  writeFileSync(report, REPORT);
  const outcome = await timed(contestant, fixture, {
    SLIPWAY_BENCH_USAGE: usage,
    NODE_OPTIONS: `--require ${report}`,
  });
  if (outcome.code !== 0) return null;
  const peaks = existsSync(usage) ? readFileSync(usage, 'utf8').trim().split('\n').map(Number) : [];
  return {
    wallMs: outcome.wallMs,
    workMs: workOf(outcome.stdout) ?? outcome.wallMs,
    cpuMs: outcome.cpuMs,
    peakMb: peaks.length > 0 ? Math.max(...peaks) / 1_024 : null,
  };
}

/** One run in which git processes are counted, and one in which the remote refuses the tag. */
export async function inspect(
  contestant: Contestant,
  fixture: Fixture,
  scratch: string,
): Promise<Inspection> {
  fixture.restore();
  contestant.prepare(fixture);
  const before = fixture.state();
  const shims = join(scratch, 'shims');
  const log = join(scratch, 'git-calls');
  mkdirSync(shims, { recursive: true });
  const real =
    (process.env['PATH'] ?? '')
      .split(':')
      .map((folder) => join(folder, 'git'))
      .find(existsSync) ?? 'git';
  writeFileSync(join(shims, 'git'), `#!/bin/sh\necho "$1" >> '${log}'\nexec '${real}' "$@"\n`, {
    mode: 0o755,
  });
  rmSync(log, { force: true });
  const outcome = await timed(contestant, fixture, { PATH: `${shims}:${process.env['PATH']}` });
  const calls = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
  if (outcome.code !== 0) {
    const said = outcome.stderr.trim().split('\n').at(-1) ?? '';
    return { gitProcesses: calls, faults: [`failed: ${said.slice(0, 80)}`] };
  }
  const faults = verify(fixture, before);

  fixture.restore();
  contestant.prepare(fixture);
  const main = fixture.state().main;
  fixture.refuseTags();
  await timed(contestant, fixture, {});
  return {
    gitProcesses: calls,
    faults: fixture.state().main === main ? faults : [...faults, 'push not atomic'],
  };
}

async function timed(
  contestant: Contestant,
  fixture: Fixture,
  environment: Readonly<Record<string, string>>,
) {
  // The shell's own clock knows the CPU time of a whole family of processes.
  const script = `TIMEFORMAT='%R %U %S'; time "$@" 2>'${join(dirname(fixture.remote), 'stderr')}'`;
  const child = spawn('bash', ['-c', script, '-', ...contestant.command(fixture)], {
    cwd: fixture.clone,
    env: {
      ...cleanEnvironment(),
      ...GIT_ENVIRONMENT,
      GIT_CONFIG_GLOBAL: '/dev/null',
      ...contestant.environment?.(fixture),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_MS,
  });
  let stdout = '';
  let times = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    times += text;
  });
  const code = await new Promise<number>((resolve) => child.on('close', (value) => resolve(value ?? -1)));
  const [real = 0, user = 0, system = 0] = (times.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  const errors = join(dirname(fixture.remote), 'stderr');
  return {
    code,
    stdout,
    stderr: existsSync(errors) ? readFileSync(errors, 'utf8') : '',
    wallMs: real * 1_000,
    cpuMs: (user + system) * 1_000,
  };
}

/** Without what a CI or an npm script leaves around and tools look at. */
function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|GIT_|CI$|GITHUB_|NODE_)/i.test(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, value ?? '']));
}

function workOf(stdout: string): number | null {
  const line = stdout.split('\n').find((text) => text.startsWith('{"workMs"'));
  return line === undefined ? null : (JSON.parse(line) as { workMs: number }).workMs;
}
