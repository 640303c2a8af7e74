import type pg from 'pg';
import { isLockedOut } from '../../engine/database/connection.ts';
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
  const answers = kept(() => standingOf(database.pool), KEPT_MS);
  return async () => {
    const parts = {
      database: (await orNull(answers(), ANSWER_MS)) ?? 'it does not answer',
      slack: bot.bolt.isConnected() ? OK : 'there is no connection to Slack',
      place: runs.engine.isInPlace() ? OK : 'this process has no place among the replicas, or lost it',
      outbox: bot.outboxWorker.isWorking() ? OK : 'what waits for Slack could not be read for a while',
    };
    return { ready: PARTS.every((part) => parts[part] === OK), parts };
  };
}

/** A connection to a server that only reads is not kept: the next may find the one that has taken over. */
async function standingOf(pool: pg.Pool): Promise<string> {
  if (await isLockedOut(pool)) return 'it lets in no new connection: has its password changed?';
  const client = await pool.connect();
  let isKept = false;
  try {
    const { rows } = await client.query<{ only: string }>(
      "select current_setting('transaction_read_only') as only",
    );
    isKept = rows[0]?.only === 'off';
  } finally {
    client.release(!isKept);
  }
  return isKept ? OK : 'it only lets the bot read';
}

export function isOk(readiness: Readiness, part: Part): boolean {
  return readiness.parts[part] === OK;
}
