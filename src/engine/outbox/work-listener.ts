import type { Logger } from 'pino';
import { DatabaseClient } from '../database/client.ts';
import { poolConfig } from '../database/connection.ts';

/** How often work is looked for whose notification was lost with a connection. */
const POLL_MS = 15_000;
/** How often a connection that says nothing is asked whether it is still one. */
const PROBE_MS = 10_000;

type Callback = (promotionId: string) => void;

interface WorkListenerOptions {
  readonly url: string;
  /** On which PostgreSQL notifies. */
  readonly channel: string;
  readonly log: Logger;
  /** Promotions with something to deliver. */
  readonly waiting: () => Promise<readonly string[]>;
  readonly pollMs?: number | undefined;
}

/**
 * Tells subscribers which promotions have something to deliver, whichever process stored it. While there are subscribers
 * one connection listens for all of them; what was stored before it listened is looked for.
 */
export class WorkListener {
  readonly #options: WorkListenerOptions;
  readonly #callbacks = new Set<Callback>();
  #end: (() => void) | null = null;

  constructor(options: WorkListenerOptions) {
    this.#options = options;
  }

  /** Calls back with the id of a promotion when there is something of it to deliver. Returns the way to stop. */
  on(callback: Callback): () => void {
    this.#callbacks.add(callback);
    this.#end ??= this.#begin();
    return () => {
      this.#callbacks.delete(callback);
      if (this.#callbacks.size > 0) return;
      this.#end?.();
      this.#end = null;
    };
  }

  /** Listens over a connection of its own, and connects again when it is lost. */
  #begin(): () => void {
    const { url, channel, log, pollMs = POLL_MS } = this.#options;
    let stopped = false;
    let client: DatabaseClient | null = null;
    let again: NodeJS.Timeout | undefined;
    let failures = 0;
    const connect = async () => {
      const mine = new DatabaseClient(poolConfig(url));
      client = mine;
      const lost = () => {
        if (stopped || client !== mine) return;
        client = null;
        mine.end().catch(() => undefined);
        failures += 1;
        again = setTimeout(() => void connect(), Math.min(2_000, 50 * 2 ** Math.min(failures, 6)));
        again.unref();
      };
      mine.on('error', lost);
      mine.on('end', lost);
      mine.on('notification', ({ payload }) => this.#tell(payload ?? ''));
      try {
        await mine.connect();
        await mine.query(`listen ${channel}`);
        failures = 0;
        if (!stopped) void this.#lookAround();
      } catch (error) {
        log.debug({ reason: (error as Error).message }, 'cannot listen to the database yet');
        lost();
      }
    };
    void connect();
    const timers = [
      setInterval(() => void this.#lookAround(), pollMs),
      setInterval(() => client?.probe(), PROBE_MS),
    ];
    for (const timer of timers) timer.unref();
    return () => {
      stopped = true;
      clearTimeout(again);
      for (const timer of timers) clearInterval(timer);
      client?.end().catch(() => undefined);
    };
  }

  async #lookAround(): Promise<void> {
    try {
      for (const id of await this.#options.waiting()) this.#tell(id);
    } catch (error) {
      const { message: reason } = error as Error;
      this.#options.log.debug({ reason }, 'cannot look for what is to be delivered');
    }
  }

  #tell(promotionId: string): void {
    for (const callback of this.#callbacks) callback(promotionId);
  }
}
