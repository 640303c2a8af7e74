import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { durationInWords } from '../../../domain/text/duration.ts';
import { ProcessId, runs, signal } from '../../shared/program/process.ts';
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
    const detail = alive === 'orphan' ? 'its supervisor is gone; waiting for the command to end' : said;
    return {
      kind: 'running',
      detail: detail ?? `running for ${durationInWords(elapsed)}`,
      askAgainMs: pauseAfter(elapsed, [500, 2_000, 5_000]),
    };
  }
  const log = lines.slice(-LOG_LINES).map((line) => line.slice(0, MOST_LINE_CHARS));
  if (end === null) {
    return failed(
      'The command was lost before it ended: the machine restarted, or somebody ended it by force. How far it came is not known.',
      { log },
    );
  }
  const reason = failureOf(end, order);
  if (reason !== null) return failed(reason, { log });
  const output = await outputOf(folder);
  return succeeded(output.id ?? handle.id, handle.startedAt, end.finishedAt, {
    url: output.url ?? url,
    logUrl: output.logUrl,
  });
}

/** `orphan`: the command still runs, but nobody will know how it ends; when it is overdue it is ended here. */
async function someoneWorks(folder: string, overdue: boolean): Promise<'supervisor' | 'orphan' | null> {
  const supervisor = await readOnce(folder, FILES.supervisor, ProcessId);
  if (supervisor !== null && (await runs(supervisor))) return 'supervisor';
  const child = await readOnce(folder, FILES.child, ProcessId);
  if (child === null || !(await runs(child))) return null;
  if (overdue) signal(-child.pid, 'SIGKILL');
  return 'orphan';
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
