import { Unavailable } from '../../domain/refusals/refusal.ts';

/** While Slack limits what may be asked, an answer may be shown for so long, ms. */
const LIMITED_MS = 600_000;

interface Timed {
  /** When it was asked, ms since the epoch: an answer is as old as that. */
  readonly at: number;
  readonly answer: Promise<unknown>;
}

interface Kept {
  /** The last one that Slack answered. */
  good?: Timed | undefined;
  /** The last call, while it is under way. */
  asking?: Timed | undefined;
  /** Until when Slack limits the question, ms since the epoch. */
  limitedUntil: number;
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

  /**
   * What was answered a while ago, or is being asked; else asks. While Slack limits that, what it said before; never what
   * is `oldestMs` old.
   */
  get<T>(question: string, call: () => Promise<T>, oldestMs: number = LIMITED_MS): Promise<T> {
    const kept = this.#of(question);
    const isLimited = this.#now() < kept.limitedUntil;
    const good = this.#within(isLimited ? oldestMs : Math.min(oldestMs, this.#keepMs), kept.good);
    if (good) return good as Promise<T>;
    const asking = this.#within(this.#keepMs, kept.asking) ?? this.#ask(kept, call);
    return this.#orBefore(kept, asking as Promise<T>, oldestMs);
  }

  /** Asks, and keeps the answer. While Slack limits that, what it said a while ago. */
  renew<T>(question: string, call: () => Promise<T>): Promise<T> {
    const kept = this.#of(question);
    return this.#orBefore(kept, this.#ask(kept, call), this.#keepMs);
  }

  #of(question: string): Kept {
    if (this.#kept.size > 5_000) this.#kept.clear();
    const kept = this.#kept.get(question) ?? { limitedUntil: 0 };
    this.#kept.set(question, kept);
    return kept;
  }

  #within(ms: number, timed: Timed | undefined): Promise<unknown> | undefined {
    return timed !== undefined && this.#now() < timed.at + ms ? timed.answer : undefined;
  }

  #ask<T>(kept: Kept, call: () => Promise<T>): Promise<T> {
    const answer = call();
    const asking = { at: this.#now(), answer };
    kept.asking = asking;
    const ended = (good: Timed | undefined, limitedUntil: number) => {
      if (kept.asking === asking) kept.asking = undefined;
      // Calls may end in another order than they began in.
      if (kept.good !== undefined && kept.good.at > asking.at) return;
      kept.good = good;
      kept.limitedUntil = limitedUntil;
    };
    answer.then(
      () => ended(asking, 0),
      (error: unknown) =>
        // A refusal is an answer too: what was said before holds no more.
        error instanceof Unavailable
          ? ended(kept.good, this.#now() + (error.retryAfterMs ?? 0))
          : ended(undefined, 0),
    );
    return answer;
  }

  async #orBefore<T>(kept: Kept, asking: Promise<T>, oldestMs: number): Promise<T> {
    try {
      return await asking;
    } catch (error) {
      const isLimited = error instanceof Unavailable && error.retryAfterMs !== undefined;
      const good = isLimited ? this.#within(oldestMs, kept.good) : undefined;
      if (good === undefined) throw error;
      return good as Promise<T>;
    }
  }
}
