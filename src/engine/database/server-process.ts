import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Account } from './account.ts';
import type { HeldSocket } from './held-socket.ts';
import { readPostmaster } from './postmaster.ts';

export const START_PATIENCE_MS = 60_000;

/** Where an embedded server is, and what it runs as. */
export interface Server {
  readonly home: string;
  /** Its data folder; others beside it begin with the same name. */
  readonly data: string;
  readonly account: Account | null;
  readonly durable: boolean;
}

/** Starts the server on a data folder and waits until it is ready. */
export async function launch(
  server: Server,
  postgres: string,
  data: string,
  settings: readonly string[],
  socket: HeldSocket | null = null,
): Promise<void> {
  const child = start(server, postgres, ['-D', data, ...settings], socket?.fd);
  let failed: string | null = null;
  child.once('error', (error) => {
    failed = error.message;
  });
  child.once('exit', () => {
    failed ??= 'it ended at once';
  });
  child.unref();
  const deadline = performance.now() + START_PATIENCE_MS;
  for (;;) {
    const found = readPostmaster(data);
    if (found?.ready && found.pid === child.pid) return;
    if (failed !== null) throw startFailed(server, lastWords(server) ?? failed);
    if (performance.now() > deadline) throw startFailed(server, 'it was not ready after one minute');
    await pause(5);
  }
}

/** Runs a program of PostgreSQL to its end. */
export async function run(server: Server, program: string, args: readonly string[]): Promise<void> {
  const child = start(server, program, args);
  const code = await new Promise<number | string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', resolve);
  });
  if (code !== 0)
    throw startFailed(
      server,
      typeof code === 'string' ? code : (lastWords(server) ?? `it ended with ${code}`),
    );
}

/** In a session of its own, writing to its log file: neither Ctrl-C nor our end reaches it. */
function start(server: Server, program: string, args: readonly string[], inherited?: number) {
  const log = logFile(server);
  if (existsSync(log) && statSync(log).size > 1_000_000) renameSync(log, `${log}.old`);
  const { PATH, SYSTEMROOT } = process.env;
  const out = openSync(log, 'a', 0o600);
  try {
    return spawn(program, args, {
      cwd: process.platform === 'win32' ? server.home : '/',
      detached: true,
      stdio: ['ignore', out, out, ...(inherited === undefined ? [] : [inherited])],
      env: { PATH, SYSTEMROOT, LC_ALL: 'C', TZ: 'UTC' },
      ...(server.account ? { uid: server.account.uid, gid: server.account.gid } : {}),
    });
  } finally {
    closeSync(out);
  }
}

function logFile(server: Server): string {
  return join(server.home, 'postgres.log');
}

/** The last error in its log, with the detail below it, without times and process ids. */
function lastWords(server: Server): string | null {
  try {
    const lines = readFileSync(logFile(server), 'utf8').trim().split('\n').slice(-20);
    const at = lines.findLastIndex((line) => /FATAL|PANIC|error/i.test(line));
    const telling = at < 0 ? lines.slice(-1) : lines.slice(at, at + 2);
    const words = telling
      .filter((line, index) => index === 0 || line.includes('DETAIL:'))
      .map((line) => line.replace(/^.*?(FATAL|PANIC|ERROR|DETAIL|LOG): +/, '').replace(/\.$/, ''));
    return words.join(': ').slice(0, 400) || null;
  } catch {
    return null;
  }
}

function startFailed(server: Server, reason: string): Refusal {
  return new Refusal('embedded-database-failed', { reason, log: logFile(server) });
}
