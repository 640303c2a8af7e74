import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskTrouble } from '../../../domain/refusals/disk.ts';
import { durationInWords } from '../../../domain/text/duration.ts';
import { ProcessId, ranBeforeBoot, runs, signal } from '../../shared/program/process.ts';
import { startFailure } from '../../shared/program/run-once.ts';
import type { DeployHandle, DeployStatus } from '../port.ts';
import { failed, pauseAfter, succeeded } from '../shared/status.ts';
import { FILES, lastLines, RunEnd, RunOrder, readOnce } from './folder.ts';

const LOG_TAIL_BYTES = 65_536;
const LOG_LINES = 20;
const MOST_LINE_CHARS = 300;
const MOST_DETAIL_CHARS = 200;

/** How a run goes, told from its folder alone, so that any process of this machine can ask. */
export async function statusOf(
  folder: string,
  handle: DeployHandle,
  now: number,
  url: string | undefined,
): Promise<DeployStatus> {
  const order = await readOnce(folder, FILES.order, RunOrder);
  if (order === null) {
    return failed(
      'This machine knows nothing of the command: it was started by a bot with another data folder. Find out by hand what became of it.',
    );
  }
  // In this order: a supervisor that is gone has written how it ended before it went.
  const alive = await someoneWorks(folder, now - handle.startedAt > order.timeoutMs + order.graceMs);
  const end = await readOnce(folder, FILES.end, RunEnd);
  const lines = await lastLines(join(folder, FILES.log), LOG_TAIL_BYTES);
  if (end === null && alive !== null) {
    const elapsed = Math.max(0, now - handle.startedAt);
    const said = lines.at(-1)?.slice(0, MOST_DETAIL_CHARS);
    return {
      kind: 'running',
      detail: WAITING[alive] ?? said ?? `running for ${durationInWords(elapsed)}`,
      askAgainMs: pauseAfter(elapsed, [500, 2_000, 5_000]),
    };
  }
  const kept = end?.lost === undefined ? lines : [...lines, `… output was lost: ${lossOf(end.lost)}`];
  const log = kept.slice(-LOG_LINES).map((line) => line.slice(0, MOST_LINE_CHARS));
  if (end === null) {
    const why = await whyLost(folder);
    return failed(`The command was lost before it ended: ${why}. How far it came is not known.`, { log });
  }
  const reason = failureOf(end, order);
  if (reason !== null) return failed(reason, { log });
  const output = await outputOf(folder);
  return succeeded(output.id ?? handle.id, handle.startedAt, end.finishedAt, {
    url: output.url ?? url,
    logUrl: output.logUrl,
  });
}

/**
 * `late`: the command is over, its supervisor still has to write that down. `orphan`: the command still runs, but nobody will
 * know how it ends; when it is overdue it is ended here.
 */
type Worker = 'supervisor' | 'late' | 'orphan';

/** What is said in place of the last line of output. */
const WAITING: Readonly<Partial<Record<Worker, string>>> = {
  late: 'the command is over; how it ended is being written down, which waits while the disk is full',
  orphan: 'its supervisor is gone; waiting for the command to end',
};

async function someoneWorks(folder: string, overdue: boolean): Promise<Worker | null> {
  const [supervisor, child] = await Promise.all([
    readOnce(folder, FILES.supervisor, ProcessId),
    readOnce(folder, FILES.child, ProcessId),
  ]);
  const childRuns = child !== null && (await runs(child));
  if (supervisor !== null && (await runs(supervisor)))
    return child === null || childRuns ? 'supervisor' : 'late';
  if (child === null || !childRuns) return null;
  if (overdue) signal(-child.pid, 'SIGKILL');
  return 'orphan';
}

/** Why nobody wrote down how a command ended, as a part of a sentence. */
async function whyLost(folder: string): Promise<string> {
  const said = (await lastLines(join(folder, FILES.trouble), LOG_TAIL_BYTES)).find((line) =>
    /Error\b/.test(line),
  );
  if (said !== undefined) return `its supervisor failed (${said.trim().slice(0, MOST_DETAIL_CHARS)})`;
  const supervisor = await readOnce(folder, FILES.supervisor, ProcessId);
  if (supervisor !== null && (await ranBeforeBoot(supervisor))) return 'the machine restarted';
  return 'its supervisor was ended: by force, for want of memory, or together with its container';
}

function lossOf(code: string): string {
  return diskTrouble(code)?.reason ?? code;
}

function failureOf(end: RunEnd, order: RunOrder): string | null {
  if (end.notStarted !== undefined) {
    return `The command was not started: ${startFailure(end.notStarted, order.argv[0] ?? '', order.cwd)}.`;
  }
  if (end.cancelled) return 'The command was stopped because a person cancelled it.';
  if (end.timedOut)
    return `The command did not end within ${durationInWords(order.timeoutMs)} and was stopped.`;
  if (end.code === 0) return null;
  return end.code === null
    ? `The command was ended by ${end.signal ?? 'a signal'}.`
    : `The command ended with exit code ${end.code}.`;
}

interface Output {
  readonly id?: string;
  readonly url?: string;
  readonly logUrl?: string;
}

/** `id=`, `url=` and `log_url=` lines that the command wrote to `SLIPWAY_OUTPUT`; what is not one is ignored. */
async function outputOf(folder: string): Promise<Output> {
  const text = await readFile(join(folder, FILES.output), 'utf8').catch(() => '');
  const value = (name: string) =>
    text
      .slice(0, 65_536)
      .split(/\r?\n/)
      .findLast((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .trim();
  const address = (name: string) => {
    const found = value(name);
    return found !== undefined && URL.canParse(found) && /^https?:/i.test(found) ? found : undefined;
  };
  const id = value('id')?.slice(0, 200);
  const url = address('url');
  const logUrl = address('log_url');
  return { ...(id ? { id } : {}), ...(url ? { url } : {}), ...(logUrl ? { logUrl } : {}) };
}
