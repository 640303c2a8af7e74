/** Answers that are kept for a while; failures are not. */
export class RecentAnswers {
  readonly #now: () => number;
  readonly #keepMs: number;
  readonly #kept = new Map<string, { readonly until: number; readonly answer: Promise<unknown> }>();
  /** When each of the last calls was made, oldest first. */
  #calls: readonly number[] = [];

  constructor(now: () => number, keepMs: number) {
    this.#now = now;
    this.#keepMs = keepMs;
  }

  /** How many calls were made in as much time as answers are kept for. */
  get asked(): number {
    const oldest = this.#now() - this.#keepMs;
    this.#calls = this.#calls.filter((at) => at > oldest);
    return this.#calls.length;
  }

  /** What was answered a while ago, or is being asked; else asks. */
  get<T>(question: string, call: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(question);
    return kept && kept.until > this.#now() ? (kept.answer as Promise<T>) : this.renew(question, call);
  }

  /** Asks, and keeps the answer. */
  renew<T>(question: string, call: () => Promise<T>): Promise<T> {
    if (this.#kept.size > 5_000) this.#kept.clear();
    const now = this.#now();
    this.#calls = [...this.#calls, now];
    const answer = call();
    this.#kept.set(question, { until: now + this.#keepMs, answer });
    answer.catch(() => {
      if (this.#kept.get(question)?.answer === answer) this.#kept.delete(question);
    });
    return answer;
  }
}
