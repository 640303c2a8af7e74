import type { Logger } from 'pino';
import { listen } from './listen.ts';

/** How often work is looked for whose notification was lost with a connection. */
const POLL_MS = 15_000;

type Callback = (promotionId: string) => void;

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

  #begin(): () => void {
    const { url, channel, log, pollMs = POLL_MS } = this.#options;
    const lookAround = () => void this.#lookAround();
    const end = listen({ url, channel, log, onMessage: (id) => this.#tell(id), onListening: lookAround });
    const timer = setInterval(lookAround, pollMs);
    timer.unref();
    return () => {
      clearInterval(timer);
      end();
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

interface WorkListenerOptions {
  readonly url: string;
  /** On which PostgreSQL notifies. */
  readonly channel: string;
  readonly log: Logger;
  /** Promotions with something to deliver. */
  readonly waiting: () => Promise<readonly string[]>;
  readonly pollMs?: number;
}
