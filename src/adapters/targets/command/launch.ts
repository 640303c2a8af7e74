import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Unavailable } from '../../../domain/refusals/refusal.ts';
import { ownProgram } from '../../shared/program/own-files.ts';
import { ProcessId, runs, signal } from '../../shared/program/process.ts';
import { FILES, readOnce } from './folder.ts';
import { mustNotBeLeaving, supervisedHere } from './leaving.ts';
import { reserve } from './reserved.ts';

/** A supervisor that has not reported by then has not started, in ms. */
const LAUNCH_TIMEOUT_MS = 10_000;
/** What a supervisor may take to end its command by force, beyond the time that it gives it, in ms. */
const STOP_SLACK_MS = 2_000;

/**
 * Starts a supervisor unless there is one; returns when one has reported. Two at once do no harm. Nothing is started where
 * the disk has no room for what the supervisor has to write.
 */
export async function launch(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const claimed = () => existsSync(join(folder, FILES.supervisor));
  if (claimed()) return;
  mustNotBeLeaving();
  for (const name of [FILES.child, FILES.end]) await reserve(folder, name);
  const trouble = openSync(join(folder, FILES.trouble), 'a');
  try {
    const child = spawn(process.execPath, [ownProgram('adapters/targets/command/supervisor'), folder], {
      detached: true,
      stdio: ['ignore', 'ignore', trouble],
      env,
    });
    supervisedHere(child);
    let failed: Error | null = null;
    let gone = false;
    child.once('error', (error) => {
      failed = error;
    });
    child.once('exit', () => {
      gone = true;
    });
    child.unref();
    for (let waited = 0; waited < LAUNCH_TIMEOUT_MS && !claimed(); waited += 20) {
      if (failed !== null || gone) break;
      await sleep(20);
    }
    if (!claimed())
      throw new Unavailable('the deploy command', 'its supervisor did not start', { cause: failed });
  } finally {
    closeSync(trouble);
  }
}

/** Has the supervisor stop the command, which has `graceMs` to end; a command without its supervisor is ended here. */
export async function stop(folder: string, graceMs: number): Promise<void> {
  const ended = () => existsSync(join(folder, FILES.end));
  const [supervisor, child] = await Promise.all([
    readOnce(folder, FILES.supervisor, ProcessId),
    readOnce(folder, FILES.child, ProcessId),
  ]);
  const supervised = async () => supervisor !== null && !ended() && (await runs(supervisor));
  if (supervisor !== null && (await supervised())) signal(supervisor.pid, 'SIGTERM');
  const limit = graceMs + STOP_SLACK_MS;
  for (let waited = 0; waited < limit && (await supervised()); waited += 100) await sleep(100);
  if (!ended() && child !== null && (await runs(child))) signal(-child.pid, 'SIGKILL');
}
