import { setTimeout as sleep } from 'node:timers/promises';

/** Waits so long, or until it is given up. */
async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, signal && { signal }).catch(() => undefined);
}

/** Lets calls begin no nearer to each other than so many ms, in the order in which they came. */
export class Pace {
  readonly #everyMs: number;
  /** How its calls wait, also for something else than their turn. */
  readonly wait: typeof pause;
  #next = 0;

  constructor(everyMs: number, wait = pause) {
    this.#everyMs = everyMs;
    this.wait = wait;
  }

  /** Resolves when it is the turn of who asks, or when that is given up. */
  async turn(signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#everyMs;
    if (at > now) await this.wait(at - now, signal);
  }
}
