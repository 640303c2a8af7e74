import { type ChildProcess, spawn } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { signal as kill } from './process.ts';
import { LineSplitter, scrubber } from './scrub.ts';

export interface Once {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secretNames: readonly string[];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export type Ended =
  | {
      readonly kind: 'exited';
      readonly code: number | null;
      readonly lines: readonly string[];
      readonly said: string;
    }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'not-started'; readonly reason: string };

const MOST_LINES = 1_000;

/** Runs a short command to its end; `lines` is what it printed, `said` its last line of any kind, scrubbed. */
export function runOnce(once: Once): Promise<Ended> {
  const { argv, cwd, env, timeoutMs } = once;
  const secrets = scrubber(once.secretNames.map((name) => env[name] ?? ''));
  return new Promise((resolve) => {
    const child: ChildProcess = spawn(argv[0] ?? '', argv.slice(1), {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    let said = '';
    let timedOut = false;
    const splitters = [child.stdout, child.stderr].map((stream, index) => {
      const splitter = new LineSplitter(secrets, (line) => {
        if (line.trim() !== '') said = line.trim();
        if (index === 0 && lines.length < MOST_LINES) lines.push(line);
      });
      stream?.on('data', (chunk: Buffer) => splitter.push(chunk));
      return splitter;
    });
    const stop = () => {
      timedOut = true;
      if (child.pid !== undefined) kill(-child.pid, 'SIGKILL');
    };
    const timer = setTimeout(stop, timeoutMs);
    once.signal?.addEventListener('abort', stop, { once: true });
    const over = (ended: Ended) => {
      clearTimeout(timer);
      once.signal?.removeEventListener('abort', stop);
      resolve(timedOut ? { kind: 'timeout' } : ended);
    };
    child.once('error', (error: NodeJS.ErrnoException) =>
      over({ kind: 'not-started', reason: startFailure(error.code ?? 'unknown', argv[0] ?? '', cwd) }),
    );
    child.once('close', (code) => {
      for (const splitter of splitters) splitter.end();
      over({ kind: 'exited', code, lines, said });
    });
    if (once.signal?.aborted) stop();
  });
}

/** Why a program could not be started in a folder, as a part of a sentence. */
export function startFailure(code: string, program: string, cwd: string): string {
  if (code === 'ENOENT' && !existsSync(cwd)) return `there is no folder ${cwd} to start ${program} in`;
  if (code === 'ENOENT' && program.includes('/')) return `there is no program ${resolve(cwd, program)}`;
  if (code === 'ENOENT') return `there is no program ${program} in the folders of PATH`;
  if (code === 'EACCES') return `${program} is not executable`;
  if (code === 'E2BIG') return `the arguments of ${program} are too long`;
  return `${program} could not be started (${code})`;
}

/** Of PATH, in characters. */
const MOST_SHOWN = 300;

/** Null when the program is there and may be run, else why not. */
export async function findProgram(program: string, cwd: string, path: string): Promise<string | null> {
  const places = program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(delimiter).map((folder) => join(resolve(cwd, folder || '.'), program));
  for (const place of places) {
    const runnable = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runnable) return null;
  }
  const there = await access(places[0] ?? '').then(
    () => true,
    () => false,
  );
  if (there) return startFailure('EACCES', places[0] ?? program, cwd);
  return program.includes('/')
    ? `there is no program ${places[0]}`
    : `there is no program ${program} in the folders of PATH (${path.slice(0, MOST_SHOWN)})`;
}
