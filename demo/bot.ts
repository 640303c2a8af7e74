import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project-root.ts';

/** The bot in a process of its own, as it runs anywhere; only addresses and tokens differ. */
export interface Bot {
  readonly pid: number;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Asks it to stop and waits. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** Variables of the caller's environment that the bot gets besides those that are given. */
const PASSED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LOG_LEVEL', 'SystemRoot'];

/** Starts the compiled bot; its log goes to `logFile`. */
export function startBot(options: {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The program that runs it; this process's own by default. */
  readonly node?: string;
  /** The compiled `cli.js` that is run; that of this project by default. */
  readonly cli?: () => string;
}): Bot {
  const passed = PASSED.flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  const { node = process.execPath, cli = () => join(projectRoot, 'dist', 'src', 'cli.js') } = options;
  const child: ChildProcess = spawn(node, [cli(), 'start'], {
    env: { ...Object.fromEntries(passed), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl+C and a closed terminal reach the demo alone, which then stops the bot in order.
    detached: process.platform !== 'win32',
  });
  const log = createWriteStream(options.logFile, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}
