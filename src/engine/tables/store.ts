import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import { Kysely, PostgresDialect, sql } from 'kysely';
import type pg from 'pg';
import { spanned } from '../../domain/operations/measures.ts';
import { Refusal, UnavailableInDoubt } from '../../domain/refusals/refusal.ts';
import type { AuditSigner } from '../audit/signer.ts';
import { SILENCE_MS } from '../database/client.ts';
import { codeOf, DATABASE, isPassing, translated } from '../database/connection.ts';
import type { CommitLog } from './commit-log.ts';
import type { Tables } from './schema.ts';

/** Queries: of the pool, of a transaction, or of a session that holds locks. */
export type Session = Kysely<Tables> & {
  /** Signs what is added to the audit, and proves what is there; without it everything counts as it is stored. */
  readonly signer: AuditSigner | undefined;
};
/** One transaction, and what it changes. */
export type Tx = Session & Transaction<Tables> & { readonly log: CommitLog };

/** What a transaction answered, and what it changed. */
interface Outcome<T> {
  readonly result: T;
  readonly log: CommitLog;
}

const ATTEMPTS = 4;
/**
 * After so long nothing is tried again: a server that is silent would keep people waiting for minutes. Once is: where only
 * the connection was cut off, the next one works.
 */
const TRY_AGAIN_WITHIN_MS = SILENCE_MS + 2_000;

interface StoreOptions {
  readonly onCommit?: ((commit: CommitLog) => void) | undefined;
  readonly signer?: AuditSigner | undefined;
  /** Called when what was signed last cannot be kept outside of the database. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

/** With the time that a connection is waited for. */
const READ = { name: 'database read', kind: 'client' } as const;
const WRITE = { name: 'database write', kind: 'client' } as const;

/** Typed access to our tables. Lost connections come out as Unavailable("the database"). */
export class Store {
  private readonly db: Session;
  private readonly onCommit: (commit: CommitLog) => void;
  private readonly signer: AuditSigner | undefined;
  private readonly onTrouble: (error: unknown) => void;
  /** Whether the last end could be kept outside: an outage is said once. */
  private keeps = true;

  /** `onCommit` is called with what each transaction changed, once it is committed. */
  constructor(
    pool: pg.Pool,
    { onCommit = () => undefined, onTrouble = () => undefined, signer }: StoreOptions = {},
  ) {
    this.onTrouble = onTrouble;
    this.onCommit = onCommit;
    this.signer = signer;
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }).withSchema('slipway');
    this.db = Object.assign(db, { signer });
  }

  /** One query that may be asked again. */
  read<T>(query: (db: Session) => Promise<T>): Promise<T> {
    return spanned(READ, () => withRetries(() => query(this.db)));
  }

  /**
   * One transaction, all or nothing. It is tried again after a deadlock or a lost connection. When the connection is lost
   * while committing, the server is asked what became of it; UnavailableInDoubt is thrown where it does not say.
   */
  async write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const { result, log } = await spanned(WRITE, () => withRetries(() => this.tryOnce(work)));
    this.keepEnd(log);
    this.onCommit(log);
    return result;
  }

  private async tryOnce<T>(work: (tx: Tx) => Promise<T>): Promise<Outcome<T>> {
    let committing: (Outcome<T> & { readonly id: string }) | null = null;
    try {
      return await this.db.transaction().execute(async (transaction) => {
        // Made anew with each attempt: one that was rolled back has changed nothing.
        const log: CommitLog = { entries: [] };
        const result = await work(Object.assign(transaction, { log, signer: this.signer }));
        const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(
          transaction,
        );
        committing = { result, log, id: rows[0]?.id ?? '' };
        return committing;
      });
    } catch (error) {
      const begun = committing as (Outcome<T> & { readonly id: string }) | null;
      if (begun === null || !isPassing(error)) throw error;
      if (await this.isCommitted(begun.id, error)) return begun;
      throw error;
    }
  }

  /** What became of a transaction whose commit was not answered. */
  private async isCommitted(id: string, lost: unknown): Promise<boolean> {
    const began = performance.now();
    for (let attempt = 1; mayTry(attempt, began); attempt += 1) {
      try {
        const { rows } = await sql<{
          status: string | null;
        }>`select pg_xact_status(${id}::xid8) as status`.execute(this.db);
        const status = rows[0]?.status;
        if (status === 'committed' || status === 'aborted') return status === 'committed';
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
      await pause(20 * 4 ** attempt);
    }
    throw new UnavailableInDoubt(DATABASE, codeOf(lost) ?? 'the connection was lost', { cause: lost });
  }

  /** A file that cannot be written stays behind the log, which is no reason for an alarm. */
  private keepEnd({ end }: CommitLog): void {
    if (end === undefined) return;
    try {
      this.signer?.lastSigned?.keep(end);
    } catch (error) {
      if (this.keeps) this.onTrouble(error);
      this.keeps = false;
      return;
    }
    this.keeps = true;
  }

  /** What one moment looked like, over several queries. */
  snapshot<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const { db, signer } = this;
    const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
    return withRetries(() => transaction.execute((session) => work(Object.assign(session, { signer }))));
  }
}

async function withRetries<T>(work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error) || !mayTry(attempt + 1, began)) throw translated(error);
      await pause(20 * 4 ** attempt);
    }
  }
}

function mayTry(attempt: number, began: number): boolean {
  return attempt <= ATTEMPTS && (attempt === 1 || performance.now() - began < TRY_AGAIN_WITHIN_MS);
}

/** Does work on rows that refer to a promotion. Refusal `promotion-unknown` when there is none of this id. */
export async function ofKnownPromotion<T>(id: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw codeOf(error) === '23503' ? unknownPromotion(id) : error;
  }
}

export function unknownPromotion(id: string): Refusal {
  return new Refusal('promotion-unknown', { id });
}

/** Text as a `text` column can hold it: PostgreSQL has no NUL. */
export function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}

/** A key as it is stored: keys come from outside and may be of any length and content. */
export function hashed(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** All rows behind that number, in their order, a page at a time. */
export async function* inPages<Row extends { readonly seq: string }>(
  after: string,
  size: number,
  pageAfter: (seq: string) => Promise<readonly Row[]>,
): AsyncGenerator<Row> {
  for (let last: string | undefined = after; last !== undefined; ) {
    const page: readonly Row[] = await pageAfter(last);
    yield* page;
    last = page.length < size ? undefined : page.at(-1)?.seq;
  }
}
