/** A server that only reads: another one has just taken over from it, or its disk is nearly full. */
export const ONLY_READS = '25006';

/** Error classes of PostgreSQL and Node that mean: not now. Source: PostgreSQL appendix A, Node's errno names. */
const PASSING = [
  /^08/, // connection exceptions
  /^57P0/, // admin shutdown, crash shutdown, cannot connect now
  /^57014$/, // cancelled, by somebody or by a limit of the server's
  /^53/, // out of connections, memory, disk
  /^58030$/, // its disk does not read or write
  new RegExp(`^${ONLY_READS}$`),
  /^40/, // serialization failure, deadlock
  /^55P03$/, // lock not available
  /^25P0[234]$/, // transaction ended with an error, idle or open for too long
  /^E(CONN|PIPE$|TIMEDOUT|HOST(UNREACH|DOWN)|NET(UNREACH|DOWN|RESET)|NOTFOUND|AI_AGAIN|ADDRNOTAVAIL)/,
  /^E(M|N)FILE$|^ENOBUFS$/, // this machine has no more sockets
];
const PASSING_WORDS =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|timeout expired|not queryable|Connection ended|connection timeout|Query read timeout/i;

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

/** Whether the server does not take the name or the password of whoever connects. */
export function isRefusal(error: unknown): boolean {
  return codeOf(error)?.startsWith('28') === true;
}

/** The same as an error that passes: "server rejected establishment of connection". */
export function lockedOut({ message }: Error): Error {
  return Object.assign(new Error(message), { code: '08004' });
}

/** What DBOS handles in its own way: conflicts of transactions, and a lock that somebody has. */
const CONFLICTS = /^(?:40|55P03)/;

/**
 * DBOS waits while the database is away, but takes fewer errors for that than we do: a name that does not resolve, a server
 * that only reads, or a statement that was broken off would end its runs. Such errors get a cause that it knows.
 */
export function seenAsOutage(error: unknown): unknown {
  if (!(error instanceof Error) || error.cause !== undefined) return error;
  if (!isPassing(error) || CONFLICTS.test(codeOf(error) ?? '')) return error;
  error.cause = Object.assign(new Error('the database is away'), { code: 'ECONNRESET' });
  return error;
}
