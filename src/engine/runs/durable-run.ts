import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import { z } from 'zod';
import { acting, TakenOver } from '../../domain/operations/acting.ts';
import { measured, spanned } from '../../domain/operations/measures.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { type FlowName, type Run, RunMessage, type Runs } from '../../flows/run/port.ts';
import { DATABASE, whileDatabaseAway } from '../database/connection.ts';
import { errorOutcome, recalled, StepOutcome, unwrap, valueOutcome } from './journal.ts';
import type { Replica } from './replicas.ts';

/** All messages of a run share one mailbox. */
const TOPIC = 'inbox';
/** The longest timer of Node and DBOS, 24 days. A flow that waits for longer is woken earlier, and waits again. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;
/** How often messages are looked for whose announcement was lost with a connection. */
const POLL_MS = 2_000;
/** Many runs that wait look less often, so that all of them together ask the database at most this often a second. */
const MOST_POLLS_A_SECOND = 50;
const ANSWER_WITHIN_MS = 10_000;
/** A run of these is resumed by DBOS, or by another replica. */
const UNDER_WAY: ReadonlySet<string> = new Set(['PENDING', 'ENQUEUED', 'DELAYED']);

/** Runs a function outside of the run that is being executed, so that its calls to DBOS are not journaled. */
const outside = AsyncLocalStorage.snapshot();

/** What the runs of one process share. */
export interface RunContext {
  readonly log: Logger;
  /** ms since the epoch */
  readonly now: () => number;
  /** This process' place among the replicas; null until it has one. */
  place: Pick<Replica, 'executorId' | 'losses' | 'isFresh'> | null;
  /** Once true, no further step begins: the process is about to end. */
  stopping: boolean;
  /** How many steps are under way, from the look into the journal until their outcome is in it. */
  busy: number;
  /** How many runs wait for a message. */
  waiting: number;
  /** By id, what executes a run in this process; whatever executed it before has lost it. */
  readonly running: Map<string, object>;
}

/** A run of this process, and how often its place had been lost when it was last known to be of it. */
interface Held {
  readonly id: string;
  losses: number;
}

/**
 * The Run port on a DBOS workflow. When DBOS itself fails (another replica took this run over, the journal does not fit
 * the code, the process ends), `lost` is called and the flow's call never returns: the flow would otherwise take it for
 * the failure of a step.
 */
export function durableRun(id: string, context: RunContext, lost: (error: unknown) => void): Run {
  const held: Held = { id, losses: context.place?.losses ?? 0 };
  context.running.set(id, held);
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
      const leave = enter(context);
      try {
        const stored = await DBOS.runStep(() => outside(() => perform(held, name, work, context, leave)), {
          name,
        });
        return recalled(StepOutcome, stored, `the outcome of step ${name}`);
      } finally {
        leave();
      }
    });
    return unwrap(outcome);
  };
  return {
    id,
    step: <T>(name: string, work: () => Promise<T>) => step(name, work) as Promise<T>,
    now: async () => z.number().parse(await step('now', async () => context.now())),
    wait: (timeoutMs) =>
      guarded(async () => {
        context.waiting += 1;
        const sent = await DBOS.recv<unknown>(TOPIC, {
          timeoutSeconds: Math.min(Math.max(0, timeoutMs), LONGEST_WAIT_MS) / 1_000,
          pollingIntervalMs: Math.max(POLL_MS, (context.waiting / MOST_POLLS_A_SECOND) * 1_000),
        }).finally(() => {
          context.waiting -= 1;
        });
        return recalled(RunMessage.nullable(), sent, `a message to run ${id}`);
      }),
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** Counts a step as being at work until what is returned is called. */
function enter(context: RunContext): () => void {
  let isInside = true;
  context.busy += 1;
  return () => {
    if (isInside) context.busy -= 1;
    isInside = false;
  };
}

/**
 * Does the work of a step. While our own database does not answer it is repeated, as it would be after a crash: its
 * outcome could not be stored. A step that begins or fails while the process ends never returns: whatever it failed of
 * may be the end itself, and the next process does it again.
 */
async function perform(
  run: Held,
  name: string,
  work: () => Promise<unknown>,
  context: RunContext,
  leave: () => void,
): Promise<StepOutcome> {
  const giveUp = () => {
    leave();
    return never();
  };
  const isOurs = await isStillOurs(run, context);
  // It may have waited for its place, and meanwhile the end begun.
  if (!isOurs || context.stopping) return giveUp();
  const begun = performance.now();
  const over = (outcome: 'done' | 'failed') =>
    measured('step', { name, outcome, ms: performance.now() - begun });
  try {
    const span = { name: `step ${name}`, kind: 'internal', promotion: promotionOf(run.id) } as const;
    const again = () =>
      acting(
        () => isStillOurs(run, context),
        () => spanned(span, work),
      );
    const value = await whileDatabaseAway(again, {
      onAway: () => context.log.warn({ run: run.id, step: name }, 'A step waits for the database.'),
      isStopping: () => context.stopping,
    });
    over('done');
    return valueOutcome(value);
  } catch (error) {
    over('failed');
    return context.stopping || error instanceof TakenOver
      ? giveUp()
      : failureOutcome(error, run.id, name, context);
  }
}

/**
 * Whether this process may still act for a run. After it was frozen, or cut off from the database, for so long that
 * another replica may have taken over, it waits for its place and asks who has the run; not while the process ends.
 */
async function isStillOurs(run: Held, context: RunContext): Promise<boolean> {
  const { place, log, running } = context;
  if (running.get(run.id) !== run) return false;
  if (place === null) return true;
  while (!place.isFresh() || place.losses !== run.losses) {
    if (context.stopping) return false;
    if (!place.isFresh()) {
      await pause(50, undefined, { ref: false });
      continue;
    }
    const { losses, executorId } = place;
    try {
      const known = await DBOS.getWorkflowStatus(run.id);
      if (known?.status !== 'PENDING' || known.executorId !== executorId) {
        log.info({ run: run.id }, 'Another replica goes on with this run.');
        return false;
      }
      run.losses = losses;
    } catch (error) {
      log.debug({ run: run.id, reason: String(error) }, 'cannot ask yet who has the run');
      await pause(250);
    }
  }
  return true;
}

/** A rollback that was asked for later is a run of its own. */
function promotionOf(run: string): string {
  return run.replace(/-rollback-\d+$/, '');
}

/** Logs what nobody expected. */
function failureOutcome(error: unknown, id: string, name: string, context: RunContext): StepOutcome {
  const outcome = errorOutcome(error);
  if (outcome.kind === 'error') {
    context.log.error({ err: error, run: id, step: name }, 'A step failed in a way that nobody expected.');
  }
  return outcome;
}

/** The Runs port: starts workflows of this application and sends to them, from any process and any place. */
export function durableRuns(
  workflows: Readonly<Record<FlowName, (input: unknown) => Promise<unknown>>>,
): Runs {
  return {
    start: (flow, id, input) =>
      outside(() =>
        answeredInTime(async () => {
          await DBOS.startWorkflow(workflows[flow], { workflowID: id })(input);
        }),
      ),
    send: (id, message, key) =>
      outside(() =>
        answeredInTime(async () => {
          try {
            await DBOS.send(id, message, TOPIC, key);
          } catch (error) {
            throw isNoSuchWorkflow(error) ? new Refusal('run-unknown', { run: id }) : error;
          }
        }),
      ),
    standing: (ids) =>
      outside(async () => {
        const known = await DBOS.listWorkflows({
          workflowIDs: [...ids],
          loadInput: false,
          loadOutput: false,
        });
        const states = new Map(known.map(({ workflowID, status }) => [workflowID, status]));
        const standing = new Map<string, 'not-started' | 'over'>();
        for (const id of ids) {
          const status = states.get(id);
          if (status === undefined) standing.set(id, 'not-started');
          else if (!UNDER_WAY.has(status)) standing.set(id, 'over');
        }
        return standing;
      }),
  };
}

/**
 * Throws Unavailable when the work takes longer than ANSWER_WITHIN_MS: DBOS retries for as long as the database is away.
 * The work itself goes on, and is done when the database answers again.
 */
async function answeredInTime(work: () => Promise<void>): Promise<void> {
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
