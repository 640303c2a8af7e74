/** At most so many are worked on at once, as long as none of them takes longer than PATIENCE_MS. */
const MOST_AT_ONCE = 8;
/** Who waits for somebody else, such as Slack, does not keep others waiting for longer. */
const PATIENCE_MS = 200;

/**
 * Starts work a few at a time, each in a turn of the event loop of its own: what arrives meanwhile is acknowledged before
 * the next begins, and does not wait behind a crowd in the database.
 */
export class Turns {
  readonly #waiting: (() => Promise<void>)[] = [];
  #underWay = 0;

  /** `work` must not fail. */
  start(work: () => Promise<void>): void {
    this.#waiting.push(work);
    this.#next();
  }

  #next(): void {
    if (this.#underWay >= MOST_AT_ONCE) return;
    const work = this.#waiting.shift();
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
      work().finally(over);
    });
  }
}
