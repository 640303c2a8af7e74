import { Unavailable } from '../../domain/refusals/refusal.ts';

/** While Slack limits what may be asked, an answer may be shown for so long, ms. */
const LIMITED_MS = 600_000;

interface Kept {
  readonly at: number;
  readonly until: number;
  readonly answer: Promise<unknown>;
}

/** Answers that are kept for a while; failures are not. */
export class RecentAnswers {
  readonly #now: () => number;
  readonly #keepMs: number;
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number, keepMs: number) {
    this.#now = now;
    this.#keepMs = keepMs;
  }

  /** What was answered a while ago, or is being asked; else asks. While Slack limits that, what it said minutes ago. */
  get<T>(question: string, call: () => Promise<T>): Promise<T> {
    const kept = this.#kept.get(question);
    if (kept && kept.until > this.#now()) return kept.answer as Promise<T>;
    return this.#ask(question, call, LIMITED_MS);
  }

  /** Asks, and keeps the answer. While Slack limits that, what it said a while ago. */
  renew<T>(question: string, call: () => Promise<T>): Promise<T> {
    return this.#ask(question, call, this.#keepMs);
  }

  #ask<T>(question: string, call: () => Promise<T>, olderMs: number): Promise<T> {
    if (this.#kept.size > 5_000) this.#kept.clear();
    const at = this.#now();
    const before = this.#kept.get(question);
    const answer = call().catch((error: unknown) => {
      if (before === undefined) this.#kept.delete(question);
      else this.#kept.set(question, before);
      const wait = error instanceof Unavailable ? error.retryAfterMs : undefined;
      const last = before === undefined ? 0 : before.at + olderMs;
      if (wait === undefined || before === undefined || last <= at) throw error;
      this.#kept.set(question, { ...before, until: Math.min(this.#now() + wait, last) });
      return before.answer as Promise<T>;
    });
    this.#kept.set(question, { at, until: at + this.#keepMs, answer });
    return answer;
  }
}
