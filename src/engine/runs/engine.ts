import { setTimeout as pause } from 'node:timers/promises';
import type { DBOSConfig } from '@dbos-inc/dbos-sdk';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { FlowInput, type FlowName, type Run, type Runs } from '../../flows/run/port.ts';
import { patiently } from '../database/client.ts';
import type { Database } from '../database/open.ts';
import { JOURNAL_SCHEMA } from '../migrations/grants.ts';
import { Store } from '../tables/store.ts';
import { type CleanedUp, cleanUp } from './clean-up.ts';
import { durableRun, durableRuns, type RunContext } from './durable-run.ts';
import { recalled } from './journal.ts';
import { resumingLeft, takeOver } from './left-behind.ts';
import { joinReplicas, type Replica } from './replicas.ts';
import { retrySoon } from './soon-again.ts';

/**
 * Stays the same over releases, so that each goes on with the runs of the one before. It is only changed when the runs
 * of the old version must not be continued.
 */
const APPLICATION_VERSION = '1';
/** A run may be resumed this often (crashes, deploys of the bot) before DBOS gives it up. */
const MAX_RESUMES = 10_000;

/** After how long without a sign of life another replica takes over, in ms: with that it goes on within ten seconds. */
const STALE_MS = 6_000;

/** What each kind of run does. */
export type Flows = {
  readonly [Name in FlowName]: (run: Run, input: FlowInput<Name>) => Promise<unknown>;
};

export interface Engine {
  readonly runs: Runs;
  /** Takes this process' place among the replicas: from then on it may write. Refusal `data-folder-in-use`. */
  join(): Promise<void>;
  /** Makes DBOS' tables, and resumes what was interrupted; joins first where that was not done. */
  launch(): Promise<void>;
  /** Whether this process has its place, and nobody has taken its runs over. */
  isInPlace(): boolean;
  /** Removes what only runs under way need, of promotions that were over before that time (ms since the epoch). */
  cleanUp(before: number, stopping?: AbortSignal): Promise<CleanedUp>;
  /** To be done every ten seconds or so: goes on with runs of this process that another one took up and left. Throws Unavailable. */
  resumeLeft(): Promise<void>;
  /** From now on no further step begins. What people decide is still stored, and reaches the runs where they go on. */
  beginNothing(): void;
  /** Lets steps at work finish, for `graceMs` since nothing begins any more, then leaves; runs go on where they are resumed next. */
  shutdown(): Promise<void>;
}

interface EngineOptions {
  /** Its pool is used for the journal, and left open. */
  readonly database: Pick<Database, 'kind' | 'url' | 'pool'>;
  readonly log: Logger;
  readonly now: () => number;
  readonly flows: Flows;
  readonly onCrash: (flow: FlowName, id: string, error: unknown) => Promise<void>;
  /** After how long without a sign of life another replica counts as dead, in ms. */
  readonly staleMs?: number;
  /** How long steps at work may take to finish, in ms. */
  readonly graceMs?: number;
}

/**
 * Runs flows durably. One engine per process at a time, as DBOS is global to it. `onCrash` is called at least once for
 * each flow that ended in an error that nobody caught.
 */
export function createEngine(options: EngineOptions): Engine {
  const log = options.log.child({ part: 'engine' });
  const context: RunContext = {
    log,
    now: options.now,
    place: null,
    stopping: false,
    busy: 0,
    waiting: 0,
    running: new Map(),
  };
  const workflows = registered(options, context);
  let replica: Replica | null = null;
  let endsBy = Number.POSITIVE_INFINITY;
  const beginNothing = () => {
    if (!context.stopping) endsBy = performance.now() + (options.graceMs ?? 10_000);
    context.stopping = true;
  };
  const join = async (): Promise<Replica> => {
    replica ??= await joinReplicas({
      database: options.database,
      log,
      staleMs: options.staleMs ?? STALE_MS,
      takeOver,
    });
    context.place = replica;
    return replica;
  };

  return {
    runs: durableRuns(workflows),
    join: async () => void (await join()),
    async launch() {
      const place = await join();
      if (!retrySoon()) log.debug('runs may stand still for a minute after an outage of the database');
      DBOS.setConfig({
        name: 'slipway',
        systemDatabasePool: options.database.pool,
        systemDatabaseSchemaName: JOURNAL_SCHEMA,
        executorID: place.executorId,
        applicationVersion: APPLICATION_VERSION,
        logger: dbosLogger(log),
      });
      // DBOS makes its own tables, and does not expect another process to do the same.
      await place.alone(() => patiently(() => DBOS.launch()));
      place.watch();
    },
    isInPlace: () => !context.stopping && context.place?.isFresh() === true,
    cleanUp: (before, stopping) =>
      patiently(() => cleanUp(new Store(options.database.pool), before, stopping)),
    resumeLeft: resumingLeft(context),
    beginNothing,
    async shutdown() {
      beginNothing();
      while (context.busy > 0 && performance.now() < endsBy) await pause(10);
      // Also where it was never launched: what is registered stays in this process, and could not be registered again.
      await DBOS.shutdown({ deregister: true });
      await replica?.leave(context.busy === 0);
      replica = null;
    },
  };
}

/** The workflows of DBOS that execute the flows, by name. */
function registered({ flows, onCrash }: Pick<EngineOptions, 'flows' | 'onCrash'>, context: RunContext) {
  const workflow = <Input>(
    name: FlowName,
    schema: z.ZodType<Input>,
    flow: (run: Run, input: Input) => Promise<unknown>,
  ) => {
    const execute = (stored: unknown) => {
      const begin = (run: Run) => flow(run, recalled(schema, stored, `what run ${run.id} was started with`));
      return runFlow(name, begin, context, onCrash);
    };
    return DBOS.registerWorkflow(execute, { name, maxRecoveryAttempts: MAX_RESUMES });
  };
  return {
    promote: workflow('promote', FlowInput.promote, flows.promote),
    rollback: workflow('rollback', FlowInput.rollback, flows.rollback),
  };
}

async function runFlow(
  name: FlowName,
  flow: (run: Run) => Promise<unknown>,
  context: RunContext,
  onCrash: (flow: FlowName, id: string, error: unknown) => Promise<void>,
): Promise<void> {
  const id = DBOS.workflowID ?? '';
  let isLost = false;
  let mine: object | undefined;
  try {
    await new Promise<unknown>((resolve, reject) => {
      const lost = (error: unknown) => {
        isLost = true;
        reject(error);
      };
      const run = durableRun(id, context, lost);
      mine = context.running.get(id);
      flow(run).then(resolve, reject);
    }).finally(() => {
      if (context.running.get(id) === mine) context.running.delete(id);
    });
  } catch (error) {
    // What fails of the end of the process is done again by the next one.
    if (context.stopping) return new Promise(() => undefined);
    if (isLost && isTakenOver(error)) {
      context.log.info({ run: id, flow: name }, 'Another replica goes on with this run.');
      throw error;
    }
    context.log.error({ err: error, run: id, flow: name }, 'A flow ended in an error that nobody caught.');
    await reportCrash(() => onCrash(name, id, error), isLost);
    throw error;
  }
}

/** Whether the run was cancelled, or taken over by another replica: that is no crash. */
function isTakenOver(error: unknown): boolean {
  return (
    error instanceof Error &&
    ['DBOSWorkflowConflictError', 'DBOSWorkflowCancelledError'].includes(error.constructor.name)
  );
}

/** Calls the hook, as a journaled step where DBOS still executes this run. */
async function reportCrash(hook: () => Promise<void>, isLost: boolean): Promise<void> {
  if (isLost) await hook();
  else await DBOS.runStep(hook, { name: 'crashed' });
}

/** DBOS logs each of its own steps and retries: that goes to lower levels. What fails is logged by the run that it stops. */
function dbosLogger(log: Logger): NonNullable<DBOSConfig['logger']> {
  const dbos = log.child({ part: 'dbos' });
  return {
    info: (entry) => dbos.trace(String(entry)),
    debug: (entry) => dbos.trace(String(entry)),
    warn: (entry) => dbos.debug(String(entry)),
    error: (entry) => dbos.warn(String(entry)),
  };
}
