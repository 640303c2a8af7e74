import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { keptSecret, redactedData } from '../../domain/text/redaction.ts';

/** Names this process at the server: all its connections have it, and those of no other process. */
export const PROCESS_NAME = `slipway ${process.pid} ${randomBytes(4).toString('hex')}`;

/** How the database is called where people read it. */
export const DATABASE = 'the database';

/** Error classes of PostgreSQL and Node that mean: not now. Source: PostgreSQL appendix A, Node's errno names. */
const PASSING = [
  /^08/, // connection exceptions
  /^57(?:P0|014)/, // admin shutdown, crash shutdown, cannot connect now; a statement that was broken off
  /^53/, // out of connections, memory, disk
  /^40/, // serialization failure, deadlock
  /^55P03$/, // lock not available
  /^25(?:006|P0[234])$/, // only reads, transaction ended with an error, idle in transaction, took too long
  /^58030$/, // could not read or write a file
  /^E(CONN|PIPE|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTFOUND|AI_AGAIN|ADDRNOTAVAIL)/,
];
const PASSING_WORDS =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|not queryable|Connection ended|connection timeout|Query read timeout/i;

/** Whether trying again later may help. */
export function isPassing(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.every(isPassing);
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && PASSING.some((pattern) => pattern.test(code))) return true;
  return PASSING_WORDS.test(error.message);
}

export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** What DBOS handles in its own way: conflicts of transactions, and a lock that somebody has. */
const CONFLICTS = /^(?:40|55P03)/;

/**
 * DBOS waits while the database is away, but takes fewer errors for that than we do: a name that does not resolve, a server
 * that only reads, or a statement that was broken off would end its runs. Such errors get a cause that it knows.
 */
function seenAsOutage(error: unknown): unknown {
  if (!(error instanceof Error) || error.cause !== undefined) return error;
  if (!isPassing(error) || CONFLICTS.test(codeOf(error) ?? '')) return error;
  error.cause = Object.assign(new Error('the database is away'), { code: 'ECONNRESET' });
  return error;
}

/** The error as the rest of the program knows it. */
export function translated(error: unknown): unknown {
  if (!isPassing(error)) return error;
  return new Unavailable(DATABASE, codeOf(error) ?? 'the connection was lost', { cause: error });
}

/**
 * Does the work again for as long as it throws that our own database does not answer. Throws what else it throws; that
 * too once the process ends.
 */
export async function whileDatabaseAway<T>(
  work: () => Promise<T>,
  { onAway, isStopping }: { readonly onAway: () => void; readonly isStopping: () => boolean },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Unavailable) || error.what !== DATABASE || isStopping()) throw error;
      if (attempt === 0) onAway();
      await pause(Math.min(5_000, 250 * 2 ** Math.min(attempt, 5)));
    }
  }
}

export function poolConfig(url: string): pg.PoolConfig {
  const { password, username } = URL.canParse(url) ? new URL(url) : { password: '', username: '' };
  if (password !== username) keptSecret(decoded(password));
  return {
    connectionString: url,
    application_name: PROCESS_NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}

type Call = (...all: readonly unknown[]) => unknown;

/** Calls a method of the driver, which answers by a promise or by the function that is its last argument. */
function asked(call: Call, all: readonly unknown[]): unknown {
  const done = all.at(-1);
  if (typeof done === 'function') {
    return call(...all.slice(0, -1), (error: unknown, ...rest: readonly unknown[]) =>
      done(seenAsOutage(error), ...rest),
    );
  }
  const answer = call(...all);
  return answer instanceof Promise
    ? answer.catch((error: unknown) => Promise.reject(seenAsOutage(error)))
    : answer;
}

/** Stores no secret of this process, whoever asks it to: not our tables, not the journal of DBOS. */
class OurClient extends pg.Client {
  override connect = ((...all: readonly unknown[]) =>
    asked((pg.Client.prototype.connect as Call).bind(this), all)) as pg.Client['connect'];

  override query = ((question: unknown, ...rest: readonly unknown[]) => {
    const ask = (pg.Client.prototype.query as Call).bind(this);
    const [first, ...others] = rest;
    const isPlain = typeof question === 'object' && question !== null && !('submit' in question);
    const clean =
      isPlain && 'values' in question ? { ...question, values: redactedData(question.values) } : question;
    return asked(ask, [clean, ...(rest.length === 0 ? [] : [redactedData(first), ...others])]);
  }) as pg.Client['query'];
}

/** A pool whose lost connections are logged and replaced, and never end the process. */
export function openPool(config: pg.PoolConfig, log: Logger): pg.Pool {
  const pool = new pg.Pool({ Client: OurClient, ...config });
  const note = (error: Error) => log.debug({ code: codeOf(error), reason: error.message }, 'connection lost');
  pool.on('error', note);
  // A connection in use has no listener of the pool's own.
  pool.on('connect', (client) => client.on('error', note));
  return pool;
}

/** Ends a pool. A query that is never answered, because the server is away, does not hold it up for long. */
export async function endPool(pool: pg.Pool): Promise<void> {
  await Promise.race([pool.end(), pause(2_000, undefined, { ref: false })]);
}
