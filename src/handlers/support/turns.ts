/**
 * Starts work one by one, each in a turn of the event loop of its own: what arrives meanwhile is acknowledged before the
 * next begins.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  start(work: () => void): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    const work = this.#waiting[0];
    try {
      work?.();
    } finally {
      this.#waiting.shift();
      if (this.#waiting.length > 0) setImmediate(() => this.#next());
    }
  }
}
