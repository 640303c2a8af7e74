/** At most so many are worked on at once, as long as none of them takes longer than PATIENCE_MS. */
const MOST_AT_ONCE = 8;
/** Who waits for somebody else, such as Slack, does not keep others waiting for longer. */
const PATIENCE_MS = 200;
/** Work begins when nothing has arrived for so long, */
const QUIET_MS = 5;
/** or when the oldest has waited for so long: what is begun delays the acknowledgements of what arrives meanwhile. */
const MOST_WAIT_MS = 50;
/** So much of one person waits at most: who sends more than that is no person at work. */
const MOST_OF_ONE = 50;
/** So long a stop waits for work that was acknowledged. */
const FAREWELL_MS = 10_000;

/**
 * Starts work once a burst is over, a few at a time, each in a turn of the event loop of its own: what arrives meanwhile
 * is acknowledged before the next begins, and does not wait behind a crowd in the database. People take turns: whoever
 * asks for a lot waits for themselves, and keeps nobody else waiting.
 */
export class Turns {
  /** What waits of each person, in the order in which it is their turn. */
  readonly #waiting = new Map<string, (() => Promise<void>)[]>();
  #underWay = 0;
  readonly #open = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #oldest: number | null = null;

  /**
   * `work` must not fail. `who` asks for it: a Slack user id, or empty. False when too much of theirs waits already: then
   * it is not done.
   */
  start(work: () => Promise<void>, who = ''): boolean {
    const theirs = this.#waiting.get(who) ?? [];
    if (who !== '' && theirs.length >= MOST_OF_ONE) return false;
    this.#waiting.set(who, theirs);
    const done = new Promise<void>((resolve) => {
      theirs.push(() => work().finally(resolve));
    });
    this.#open.add(done);
    void done.then(() => this.#open.delete(done));
    this.#soon();
    return true;
  }

  #soon(): void {
    const now = performance.now();
    this.#oldest ??= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#oldest = null;
        for (let free = MOST_AT_ONCE; free > 0; free -= 1) this.#next();
      },
      Math.max(0, Math.min(QUIET_MS, this.#oldest + MOST_WAIT_MS - now)),
    );
  }

  /** Once all that was started is done, or after ten seconds. */
  async drained(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FAREWELL_MS);
    });
    await Promise.race([Promise.all(this.#open), late]);
    clearTimeout(timer);
  }

  /** The oldest of whoever's turn it is; they are the last to have another. */
  #take(): (() => Promise<void>) | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [who, theirs] = first;
    const work = theirs.shift();
    this.#waiting.delete(who);
    if (theirs.length > 0) this.#waiting.set(who, theirs);
    return work;
  }

  #next(): void {
    if (this.#underWay >= MOST_AT_ONCE) return;
    const work = this.#take();
    if (work === undefined) return;
    this.#underWay += 1;
    setImmediate(() => {
      let isOver = false;
      const over = () => {
        if (isOver) return;
        isOver = true;
        clearTimeout(late);
        this.#underWay -= 1;
        this.#next();
      };
      const late = setTimeout(over, PATIENCE_MS);
      void work().then(over, over);
    });
  }
}
