import { DBOS } from '@dbos-inc/dbos-sdk';
import { translated } from '../database/connection.ts';
import type { RunContext } from './durable-run.ts';

/** Resumes the runs of a replica that is gone, by whichever replica comes first; how many those were. */
export async function takeOver(executorId: string): Promise<number> {
  const ids = await pendingOf(executorId);
  if (ids.length > 0) await DBOS.resumeWorkflows(ids);
  return ids.length;
}

async function pendingOf(executorId: string): Promise<string[]> {
  const pending = await DBOS.listWorkflows({ status: 'PENDING', executorId, loadInput: false });
  return pending.map(({ workflowID }) => workflowID);
}

/**
 * Looks for runs that stand as those of this process' place and that it does not execute: another process had the place for a
 * moment while the database was away, took them up, and is gone or has lost them. What is left at two looks in a row is
 * resumed, by whichever replica comes first. To be done again and again; throws Unavailable.
 */
export function resumingLeft(context: RunContext): () => Promise<void> {
  let before: ReadonlySet<string> = new Set();
  return async () => {
    before = await look(context, before).catch((error: unknown) => Promise.reject(translated(error)));
  };
}

/** Resumes those that were left `before`, too, and answers with those that are. */
async function look(context: RunContext, before: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const { place, running, stopping, log } = context;
  if (stopping || place === null || !place.isFresh()) return new Set();
  const left = (await pendingOf(place.executorId)).filter((id) => !running.has(id));
  const again = left.filter((id) => before.has(id));
  if (again.length > 0) {
    log.info({ runs: again }, 'Runs of this replica were left behind: they go on.');
    await DBOS.resumeWorkflows(again);
  }
  return new Set(left);
}
