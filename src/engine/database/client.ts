import { AsyncLocalStorage } from 'node:async_hooks';
import type { Socket } from 'node:net';
import pg from 'pg';
import { redactedData } from '../../domain/text/redaction.ts';
import { codeOf, isRefusal, lockedOut, ONLY_READS, seenAsOutage } from './passing.ts';

/** A server that says nothing for so long while it is asked does not answer any more, ms. */
export const SILENCE_MS = 10_000;
/** As long as that for work that may take long, such as new tables. */
const LONG_SILENCE_MS = 600_000;

export type ClientConfig = pg.PoolConfig & {
  /** In place of SILENCE_MS. */
  readonly silenceMs?: number;
  /** The server does not let in any more whom it has let in before. */
  readonly onLockedOut?: (error: Error) => void;
};

/** Settings, of a pool or of one connection, with which a server let somebody in. */
const welcome = new WeakSet<object>();

/** The server did not answer, and nothing ended the connection. */
export class Silence extends Error {
  /** Known to DBOS and to `isPassing` as one that passes. */
  readonly code = 'ETIMEDOUT';

  constructor(ms: number) {
    super(`no answer for ${Math.round(ms / 100) / 10} s`);
  }
}

type Call = (...all: readonly unknown[]) => unknown;

/**
 * Calls a method of the driver, which answers by a promise or by the function that is its last argument. What it fails of goes
 * through `seen`.
 */
function asked(call: Call, all: readonly unknown[], seen: (error: unknown) => unknown): unknown {
  const done = all.at(-1);
  if (typeof done === 'function') {
    return call(...all.slice(0, -1), (error: unknown, ...rest: readonly unknown[]) =>
      done(seen(error), ...rest),
    );
  }
  const answer = call(...all);
  return answer instanceof Promise ? answer.catch((error: unknown) => Promise.reject(seen(error))) : answer;
}

const patience = new AsyncLocalStorage<{ isOver: boolean }>();

/** Queries of this work may take minutes. What it has begun and goes on after it may not. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const scope = { isOver: false };
  try {
    return await patience.run(scope, work);
  } finally {
    scope.isOver = true;
  }
}

/**
 * A connection that is given up when the server falls silent: where packets are dropped, or the server is frozen, TCP
 * itself would wait for a quarter of an hour. Its queries then fail with `Silence`. It is given up too when the server only
 * reads: another one may have taken over, and the next connection find it.
 * Stores no secret of this process, whoever asks it to: not our tables, not the journal of DBOS.
 */
export class DatabaseClient extends pg.Client {
  readonly #silenceMs: number;
  readonly #config: ClientConfig;
  #watch: { readonly timer: NodeJS.Timeout; readonly ms: number } | null = null;
  #read = 0;

  constructor(config: ClientConfig = {}) {
    super(config);
    this.#silenceMs = config.silenceMs ?? SILENCE_MS;
    this.#config = config;
    this.on('connect', () => welcome.add(config));
    // The driver listens only from when it connects.
    this.#stream.on('error', () => undefined);
    this.on('drain', () => this.#rest());
    this.on('end', () => this.#rest());
  }

  override connect = ((...all: readonly unknown[]) =>
    asked((pg.Client.prototype.connect as Call).bind(this), all, (error) =>
      seenAsOutage(this.#refused(error)),
    )) as pg.Client['connect'];

  override query = ((question: unknown, ...rest: readonly unknown[]) => {
    const ask = (pg.Client.prototype.query as Call).bind(this);
    const [first, ...others] = rest;
    const isPlain = typeof question === 'object' && question !== null && !('submit' in question);
    const clean =
      isPlain && 'values' in question ? { ...question, values: redactedData(question.values) } : question;
    this.#expect();
    const all = [clean, ...(rest.length === 0 ? [] : [redactedData(first), ...others])];
    return asked(ask, all, (error) => this.#seen(error));
  }) as pg.Client['query'];

  /** Whoever has let go of it, as DBOS does of the one that it listened with, must not end the process by its end. */
  override emit(event: string | symbol, ...all: readonly unknown[]): boolean {
    if (event === 'error' && this.listenerCount('error') === 0) return false;
    return super.emit(event as never, ...(all as never[]));
  }

  /** Asks for nothing, where nothing is asked: a connection that only listens would not notice that it is cut off. */
  probe(): void {
    if (this.#watch === null) this.query('select 1').catch(() => undefined);
  }

  /** Whoever uses it hears of it. */
  giveUp(reason: Error): void {
    this.#stream.destroy(reason);
  }

  /** A password that is changed while we work is an outage, which ends when the right one is there. */
  #refused(error: unknown): unknown {
    if (!(error instanceof Error) || !isRefusal(error) || !welcome.has(this.#config)) return error;
    this.#config.onLockedOut?.(error);
    return lockedOut(error);
  }

  #seen(error: unknown): unknown {
    if (codeOf(error) === ONLY_READS) this.giveUp(error as Error);
    return seenAsOutage(error);
  }

  get #stream(): Socket {
    return (this as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
  }

  /** From now until nothing is asked any more the server has to say something from time to time. */
  #expect(): void {
    const ms = patience.getStore()?.isOver === false ? LONG_SILENCE_MS : this.#silenceMs;
    if (this.#watch !== null && this.#watch.ms >= ms) return;
    this.#rest();
    this.#read = this.#stream.bytesRead;
    const timer = setTimeout(() => this.#look(), ms);
    timer.unref();
    this.#watch = { timer, ms };
  }

  #rest(): void {
    clearTimeout(this.#watch?.timer);
    this.#watch = null;
  }

  #look(): void {
    // After a time in which this process stood still, an answer may have arrived that nobody has read yet.
    setImmediate(() => {
      if (this.#watch === null) return;
      const { bytesRead } = this.#stream;
      if (bytesRead === this.#read) {
        this.giveUp(new Silence(this.#watch.ms));
        return;
      }
      this.#read = bytesRead;
      this.#watch.timer.refresh();
    });
  }
}
