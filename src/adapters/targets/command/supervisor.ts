/**
 * Runs one deploy command to its end, whatever becomes of the bot. Started detached by `launch.ts` with the
 * folder of the run as its only argument and the command's environment as its own; see `folder.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processId, signal } from '../../shared/program/process.ts';
import { LineSplitter, scrubber } from '../../shared/program/scrub.ts';
import { FILES, type RunEnd, RunOrder, readOnce, writeOnce } from './folder.ts';

const MOST_LOG_BYTES = 20 * 1024 * 1024;
/** Processes that the command leaves behind may keep its output open: wait this long for the rest. */
const DRAIN_MS = 1_000;

const folder = process.argv[2] ?? '';
const order = await readOnce(folder, FILES.order, RunOrder);
if (order === null) throw new Error(`no order in ${folder}`);
// Whoever writes this file carries the order out; a second supervisor goes away.
if (await writeOnce(folder, FILES.supervisor, await processId(process.pid))) await supervise(order);

async function supervise(order: RunOrder): Promise<void> {
  let cancelled = false;
  let timedOut = false;
  let child: ChildProcess | null = null;
  const kill = (name: NodeJS.Signals) => {
    if (child?.pid !== undefined) signal(-child.pid, name); // its whole group
  };
  const stop = () => {
    kill('SIGTERM');
    setTimeout(() => kill('SIGKILL'), order.graceMs).unref();
  };
  process.on('SIGTERM', () => {
    cancelled = true;
    stop();
  });
  process.on('SIGHUP', () => {}).on('SIGINT', () => {});

  const log = openLog(order);
  const argv0 = order.argv[0] ?? '';
  child = spawn(argv0, order.argv.slice(1), {
    cwd: order.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, order.timeoutMs);
  const ended = endOf(child);
  if (child.pid !== undefined) await writeOnce(folder, FILES.child, await processId(child.pid));
  const drained = Promise.all([child.stdout, child.stderr].map((stream) => log.follow(stream)));
  const how = await ended;
  clearTimeout(timer);
  await Promise.race([drained, sleep(DRAIN_MS)]);
  if (cancelled || timedOut) kill('SIGKILL');
  log.close();
  const end: RunEnd = { ...how, timedOut, cancelled, finishedAt: Date.now() };
  await writeOnce(folder, FILES.end, end);
  process.exit(0);
}

function endOf(child: ChildProcess): Promise<Pick<RunEnd, 'code' | 'signal' | 'notStarted'>> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ code: null, signal: null, notStarted: error.code ?? 'unknown' }),
    );
    child.once('exit', (code, name) => resolve({ code, signal: name }));
  });
}

/** The log on disk: plain lines without secrets, up to a limit. */
function openLog(order: RunOrder): {
  follow(stream: NodeJS.ReadableStream | null): Promise<void>;
  close(): void;
} {
  const secrets = scrubber(order.secretNames.map((name) => process.env[name] ?? ''));
  const file = openSync(join(folder, FILES.log), 'a');
  let bytes = 0;
  let open = true;
  const write = (line: string) => {
    if (!open || bytes > MOST_LOG_BYTES) return;
    bytes += writeSync(file, `${line}\n`);
    if (bytes > MOST_LOG_BYTES) writeSync(file, '… the rest of the output is not kept\n');
  };
  return {
    follow: (stream) =>
      new Promise((resolve) => {
        if (stream === null) return resolve();
        const splitter = new LineSplitter(secrets, write);
        stream.on('data', (chunk: Buffer) => splitter.push(chunk));
        stream.once('close', () => {
          splitter.end();
          resolve();
        });
      }),
    close: () => {
      open = false;
      closeSync(file);
    },
  };
}
