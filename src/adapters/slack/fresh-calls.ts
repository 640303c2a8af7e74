/** A call that is under way, and the one that begins when it has ended: null while nobody waits for it. */
interface Underway {
  readonly now: Promise<unknown>;
  next: Promise<unknown> | null;
}

/**
 * Answers that were asked for no earlier than the question came. Whoever asks while the same call is under way waits
 * for the next one, and shares it with all who do: two hundred clicks at once make two calls.
 */
export class FreshCalls {
  readonly #underway = new Map<string, Underway>();

  ask<T>(question: string, call: () => Promise<T>): Promise<T> {
    const underway = this.#underway.get(question);
    if (!underway) return this.#start(question, call);
    underway.next ??= underway.now.then(
      () => this.#start(question, call),
      () => this.#start(question, call),
    );
    return underway.next as Promise<T>;
  }

  #start<T>(question: string, call: () => Promise<T>): Promise<T> {
    const now = call();
    const underway: Underway = { now, next: null };
    this.#underway.set(question, underway);
    const ended = () => {
      if (underway.next === null) this.#underway.delete(question);
    };
    now.then(ended, ended);
    return now;
  }
}
