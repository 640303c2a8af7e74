/** A call that is about to begin or under way, and the one that begins when it has ended: null while nobody waits for it. */
interface Underway {
  readonly now: Promise<unknown>;
  readonly isBegun: () => boolean;
  next: Promise<unknown> | null;
}

const MINUTE = 60_000;

/**
 * Answers that were asked for no earlier than the question came. Whoever asks while the same call is under way waits
 * for the next one, and shares it with all who do: two hundred clicks at once make two calls. What is asked in one breath
 * is one call. The first word of a question is its kind.
 */
export class FreshCalls {
  readonly #underway = new Map<string, Underway>();
  readonly #now: () => number;
  /** When the calls of each kind began, in the last minute. */
  readonly #made = new Map<string, readonly number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many calls of a kind were made within a minute. */
  made(kind: string): number {
    return this.#recent(kind).length;
  }

  #recent(kind: string): readonly number[] {
    const oldest = this.#now() - MINUTE;
    return (this.#made.get(kind) ?? []).filter((at) => at > oldest);
  }

  #note(kind: string): void {
    this.#made.set(kind, [...this.#recent(kind), this.#now()]);
  }

  ask<T>(question: string, call: () => Promise<T>): Promise<T> {
    const underway = this.#underway.get(question);
    if (!underway) return this.#start(question, call);
    if (!underway.isBegun()) return underway.now as Promise<T>;
    underway.next ??= underway.now.then(
      () => this.#start(question, call),
      () => this.#start(question, call),
    );
    return underway.next as Promise<T>;
  }

  #start<T>(question: string, call: () => Promise<T>): Promise<T> {
    let isBegun = false;
    const now = Promise.resolve().then(() => {
      isBegun = true;
      this.#note(question.split(' ', 1)[0] ?? '');
      return call();
    });
    const underway: Underway = { now, isBegun: () => isBegun, next: null };
    this.#underway.set(question, underway);
    const ended = () => {
      if (underway.next === null) this.#underway.delete(question);
    };
    now.then(ended, ended);
    return now;
  }
}
