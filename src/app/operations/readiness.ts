import type pg from 'pg';
import type { RequestContext } from '../../flows/requests/request.ts';
import { kept, orNull } from './kept.ts';

/** What a bot that is set up works with, as far as its operation is looked at. */
export interface Working {
  readonly database: { readonly pool: pg.Pool };
  readonly runs: { readonly engine: { isInPlace(): boolean }; readonly requests: RequestContext };
  readonly bot: {
    readonly bolt: { isConnected(): boolean };
    readonly outboxWorker: { isWorking(): boolean };
  };
}

export const PARTS = ['database', 'slack', 'place', 'outbox'] as const;
type Part = (typeof PARTS)[number];

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or why not. */
  readonly parts: Readonly<Record<Part, string>>;
}

const OK = 'ok';
/** How long an answer of the database may take, and how long it is taken for granted, ms. */
const ANSWER_MS = 2_000;
const KEPT_MS = 1_000;

const NOT_STARTED: Readiness = {
  ready: false,
  parts: {
    database: 'the bot has no database yet, or it stops',
    slack: 'waits for the database',
    place: 'waits for the database',
    outbox: 'waits for the database',
  },
};

/** Whether the bot can do its work now; `working` is null before it is set up, and while it stops. */
export function readinessOf(working: Working | null): () => Promise<Readiness> {
  if (working === null) return async () => NOT_STARTED;
  const { database, runs, bot } = working;
  const answers = kept(() => database.pool.query('select 1'), KEPT_MS);
  return async () => {
    const isThere = (await orNull(answers(), ANSWER_MS)) !== null;
    const parts = {
      database: isThere ? OK : 'it does not answer',
      slack: bot.bolt.isConnected() ? OK : 'there is no connection to Slack',
      place: runs.engine.isInPlace() ? OK : 'this process has no place among the replicas, or lost it',
      outbox: bot.outboxWorker.isWorking() ? OK : 'what waits for Slack could not be read for a while',
    };
    return { ready: PARTS.every((part) => parts[part] === OK), parts };
  };
}

export function isOk(readiness: Readiness, part: Part): boolean {
  return readiness.parts[part] === OK;
}
