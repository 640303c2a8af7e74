import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { type FlowName, type Run, RunMessage, type Runs } from '../../flows/run/port.ts';
import { DATABASE } from '../database/connection.ts';
import { errorOutcome, recalled, StepOutcome, unwrap, valueOutcome } from './journal.ts';

/** All messages of a run share one mailbox. */
const TOPIC = 'inbox';
/** Timers of Node and DBOS end here (24 days); a longer wait is asked again by the flow's own loop. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** Messages are announced; one whose announcement was lost with a connection is found this soon. */
const POLL_MS = 2_000;
const ANSWER_WITHIN_MS = 10_000;

/** Leaves the run that is being executed: what a step does is not itself journaled. */
const outside = AsyncLocalStorage.snapshot();

/** What the runs of one process share. */
export interface RunContext {
  readonly log: Logger;
  /** ms since the epoch */
  readonly now: () => number;
  /** True from the moment in which the process wants to end: nothing new begins. */
  stopping: boolean;
  /** How many steps are at work. */
  busy: number;
}

/**
 * The Run port on a DBOS workflow. When DBOS itself fails (another replica took this run over, the journal
 * does not fit the code, the process ends), the flow never hears of it: it would take it for the failure of a
 * step and act on that. Its call stays unanswered, and `lost` is told.
 */
export function durableRun(id: string, context: RunContext, lost: (error: unknown) => void): Run {
  const guarded = <T>(call: () => Promise<T>): Promise<T> => {
    if (context.stopping) return never();
    return call().catch((error: unknown) => {
      if (!context.stopping) lost(error);
      return never();
    });
  };
  const step = async (name: string, work: () => Promise<unknown>): Promise<unknown> => {
    // Nothing may come before this call: DBOS numbers the calls in the order in which they are made.
    const outcome = await guarded(async () => {
      const stored = await DBOS.runStep(() => outside(() => perform(id, name, work, context)), { name });
      return recalled(StepOutcome, stored, `the outcome of step ${name}`);
    });
    return unwrap(outcome);
  };
  return {
    id,
    step: <T>(name: string, work: () => Promise<T>) => step(name, work) as Promise<T>,
    now: async () => z.number().parse(await step('now', async () => context.now())),
    wait: (timeoutMs) =>
      guarded(async () => {
        const sent = await DBOS.recv<unknown>(TOPIC, {
          timeoutSeconds: Math.min(Math.max(0, timeoutMs), LONGEST_WAIT_MS) / 1_000,
          pollingIntervalMs: POLL_MS,
        });
        return recalled(RunMessage.nullable(), sent, `a message to run ${id}`);
      }),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/**
 * Does the work. While our own database is away it is done again: its answer could not be written down
 * anyway, and after a crash it would be repeated just the same.
 */
async function perform(
  id: string,
  name: string,
  work: () => Promise<unknown>,
  context: RunContext,
): Promise<StepOutcome> {
  context.busy += 1;
  try {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return valueOutcome(await work());
      } catch (error) {
        if (!(error instanceof Unavailable) || error.what !== DATABASE)
          return noted(error, id, name, context);
        if (attempt === 0) context.log.warn({ run: id, step: name }, 'A step waits for the database.');
        if (context.stopping) return await never();
        await pause(Math.min(5_000, 250 * 2 ** Math.min(attempt, 5)));
      }
    }
  } finally {
    context.busy -= 1;
  }
}

function noted(error: unknown, id: string, name: string, context: RunContext): StepOutcome {
  if (!(error instanceof Refusal) && !(error instanceof Unavailable)) {
    context.log.error({ err: error, run: id, step: name }, 'A step failed in a way that nobody expected.');
  }
  return errorOutcome(error);
}

/** The Runs port: starts workflows of this application and sends to them, from any process and any place. */
export function durableRuns(
  workflows: Readonly<Record<FlowName, (input: unknown) => Promise<unknown>>>,
): Runs {
  return {
    start: (flow, id, input) =>
      outside(() =>
        soon(async () => {
          await DBOS.startWorkflow(workflows[flow], { workflowID: id })(input);
        }),
      ),
    send: (id, message, key) =>
      outside(() =>
        soon(async () => {
          try {
            await DBOS.send(id, message, TOPIC, key);
          } catch (error) {
            throw isNoSuchWorkflow(error) ? new Refusal('run-unknown', { run: id }) : error;
          }
        }),
      ),
  };
}

/** DBOS waits for the database as long as it takes; people should hear of it earlier. It is done later all the same. */
async function soon(work: () => Promise<void>): Promise<void> {
  const cancel = new AbortController();
  const late = pause(ANSWER_WITHIN_MS, undefined, { signal: cancel.signal, ref: false }).then(() => {
    throw new Unavailable(DATABASE, 'no answer yet');
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    cancel.abort();
    late.catch(() => undefined);
  }
}

function isNoSuchWorkflow(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === 'DBOSNonExistentWorkflowError';
}
