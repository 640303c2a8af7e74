import type { Run, RunMessage } from './port.ts';

const MOST_AT_ONCE = 50;

/**
 * The messages of one run. A stage takes the kinds that it understands; the others wait for a later stage
 * (a rollback asked for during the release is acted on once there is something to roll back).
 */
export class Inbox {
  readonly #run: Run;
  readonly #kept: RunMessage[] = [];

  constructor(run: Run) {
    this.#run = run;
  }

  /**
   * Drops every message of these kinds that has come so far, right before people are asked something: it answers
   * another question.
   */
  async forget(kinds: readonly RunMessage['kind'][]): Promise<void> {
    for (let count = 0; count < MOST_AT_ONCE; count++) {
      const message = await this.#run.wait(0);
      if (message === null) break;
      this.#kept.push(message);
    }
    const others = this.#kept.filter(({ kind }) => !kinds.includes(kind));
    this.#kept.splice(0, this.#kept.length, ...others);
  }

  /** A message that was taken is left for a later stage, before all others. */
  putBack(message: RunMessage): void {
    this.#kept.unshift(message);
  }

  /** Takes one of this kind that came while something else was waited for; whether there was one. */
  kept(kind: RunMessage['kind']): boolean {
    const index = this.#kept.findIndex((message) => message.kind === kind);
    if (index >= 0) this.#kept.splice(index, 1);
    return index >= 0;
  }

  /** The next message of these kinds, or null when none came within that many ms. */
  async next<K extends RunMessage['kind']>(
    kinds: readonly K[],
    timeoutMs: number,
  ): Promise<Extract<RunMessage, { kind: K }> | null> {
    type Wanted = Extract<RunMessage, { kind: K }>;
    const wanted = (message: RunMessage): message is Wanted =>
      (kinds as readonly string[]).includes(message.kind);
    const index = this.#kept.findIndex(wanted);
    if (index >= 0) return this.#kept.splice(index, 1)[0] as Wanted;

    let left = timeoutMs;
    let before = await this.#run.now();
    for (;;) {
      const message = await this.#run.wait(Math.max(0, left));
      if (message === null) return null;
      if (wanted(message)) return message;
      this.#kept.push(message);
      const now = await this.#run.now();
      left -= now - before;
      before = now;
      if (left <= 0) return null;
    }
  }
}
