/** A clock that stands still until it is moved. Sleepers wake in the order of their times. */
export class ManualClock {
  #now: number;
  #setBackBy = 0;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(start = Date.UTC(2030, 0, 7, 10)) {
    this.#now = start;
  }

  now(): number {
    return this.#now - this.#setBackBy;
  }

  /** Monotonic. */
  elapsed(): number {
    return this.#now;
  }

  /** Somebody mends the clock of the machine: sleepers sleep on as long as they wanted to. */
  setBack(ms: number): void {
    this.#setBackBy += ms;
  }

  sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + Math.max(0, ms), wake });
    });
  }

  /** Moves on, waking whoever sleeps on the way, each with everything that follows from it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#sleepers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settle();
    }
    this.#now = end;
    await settle();
  }
}

/** Everything that is ready to run, run; nothing here waits for a real timer. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
