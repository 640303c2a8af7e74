import { Kysely, PostgresDialect } from 'kysely';
import type pg from 'pg';
import type { AuditSigner } from '../audit/signer.ts';
import { translated } from '../database/connection.ts';
import type { Tables } from '../tables/schema.ts';
import type { Session } from '../tables/store.ts';

/**
 * One connection that many share, for locks that belong to a session; after a loss two for a moment. It is taken from
 * the pool when it is first needed and given back by the last user. No transaction may be begun on it. Where the connection is
 * lost, queries throw Unavailable.
 */
export class SharedSession {
  private readonly pool: pg.Pool;
  private readonly signer: AuditSigner | undefined;
  private present: Lease | null = null;

  /** With a signer, what it has not signed proves nothing; without one, all counts as it is stored. */
  constructor(pool: pg.Pool, signer: AuditSigner | undefined) {
    this.pool = pool;
    this.signer = signer;
  }

  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.present?.lost) this.present = null;
    this.present ??= new Lease(this.pool);
    const lease = this.present;
    lease.users += 1;
    try {
      const db = queriesOn(await lease.client.catch(unavailable), lease.queue);
      return await work(Object.assign(db, { signer: this.signer }));
    } finally {
      lease.users -= 1;
      // After a loss the next user gets a new connection; the others' next query fails.
      if (this.present === lease && (lease.users === 0 || lease.lost)) this.present = null;
      if (lease.users === 0) lease.end();
    }
  }
}

function unavailable(error: unknown): never {
  throw translated(error);
}

/** One connection out of the pool. */
class Lease {
  readonly client: Promise<pg.PoolClient>;
  readonly queue = { tail: Promise.resolve() as Promise<unknown> };
  users = 0;
  lost = false;

  constructor(pool: pg.Pool) {
    this.client = pool.connect();
    this.client.then((client) => client.once('error', this.note).once('end', this.note)).catch(this.note);
  }

  end(): void {
    this.client
      .then((client) => {
        client.off('error', this.note).off('end', this.note);
        client.release(this.lost);
      })
      .catch(() => undefined);
  }

  private readonly note = () => {
    this.lost = true;
  };
}

/** Typed queries, one at a time in the order in which they were asked. */
function queriesOn(client: pg.PoolClient, queue: { tail: Promise<unknown> }): Kysely<Tables> {
  const query: pg.PoolClient['query'] = (...args: unknown[]) => {
    const ask = () => (client.query as (...all: unknown[]) => Promise<unknown>)(...args).catch(unavailable);
    const answer = queue.tail.then(ask, ask);
    queue.tail = answer.catch(() => undefined);
    return answer as never;
  };
  const pool = { connect: async () => ({ query, release: () => undefined }), end: async () => undefined };
  const dialect = new PostgresDialect({ pool: pool as unknown as pg.Pool });
  return new Kysely<Tables>({ dialect }).withSchema('slipway');
}
