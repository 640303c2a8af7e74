/**
 * Runs one deploy command to its end, whatever becomes of the bot or of the room on the disk. Started detached by `launch.ts`
 * with the folder of the run as its only argument and the command's environment as its own; see `folder.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processId, signal } from '../../shared/program/process.ts';
import { scrubber } from '../../shared/program/scrub.ts';
import { FILES, type RunEnd, RunOrder, readOnce, writeOnce } from './folder.ts';
import { openLog } from './output-log.ts';
import { writeReserved } from './reserved.ts';

/** Processes that the command leaves behind may keep its output open: wait this long for the rest. */
const DRAIN_MS = 1_000;

type How = Pick<RunEnd, 'code' | 'signal' | 'notStarted'>;

const folder = process.argv[2] ?? '';
const order = await readOnce(folder, FILES.order, RunOrder);
if (order === null) throw new Error(`no order in ${folder}`);
// Whoever writes this file carries the order out; a second supervisor goes away.
if (await writeOnce(folder, FILES.supervisor, await processId(process.pid))) await supervise(order);

async function supervise(order: RunOrder): Promise<void> {
  let cancelled = false;
  let timedOut = false;
  let isOver = false;
  let child: ChildProcess | null = null;
  const kill = (name: NodeJS.Signals) => {
    if (child?.pid !== undefined && !isOver) signal(-child.pid, name); // its whole group
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

  const secrets = scrubber(order.secretNames.map((name) => process.env[name] ?? ''));
  const log = openLog(join(folder, FILES.log), secrets);
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, order.timeoutMs);
  const begun = begin(order);
  child = begun.child;
  const drained = Promise.all([child?.stdout ?? null, child?.stderr ?? null].map(log.follow));
  if (child?.pid !== undefined) void note(await processId(child.pid), begun.ended);
  const how = await begun.ended;
  clearTimeout(timer);
  await Promise.race([drained, sleep(DRAIN_MS)]);
  if (cancelled || timedOut) kill('SIGKILL');
  // Its number may be another process' from now on.
  isOver = true;
  const lost = log.close();
  const end: RunEnd = { ...how, timedOut, cancelled, finishedAt: Date.now(), ...(lost ? { lost } : {}) };
  await writeReserved(folder, FILES.end, end, () => true);
  process.exit(0);
}

function begin(order: RunOrder): { readonly child: ChildProcess | null; readonly ended: Promise<How> } {
  const notStarted = (error: unknown): How => {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { code: null, signal: null, notStarted: code };
  };
  try {
    const child = spawn(order.argv[0] ?? '', order.argv.slice(1), {
      cwd: order.cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<How>((resolve) => {
      child.once('error', (error) => resolve(notStarted(error)));
      child.once('exit', (code, name) => resolve({ code, signal: name }));
    });
    return { child, ended };
  } catch (error) {
    return { child: null, ended: Promise.resolve(notStarted(error)) };
  }
}

/** Writes down which process the command is, for as long as it runs; its output is taken meanwhile. */
async function note(child: Awaited<ReturnType<typeof processId>>, ended: Promise<unknown>): Promise<void> {
  let runs = true;
  void ended.then(() => {
    runs = false;
  });
  await writeReserved(folder, FILES.child, child, () => runs);
}
