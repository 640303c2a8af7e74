import type { Attempt, Check } from '../../src/adapters/checks/port.ts';
import type { Release } from '../../src/domain/release/release.ts';

type Answer = Attempt | ((expected: Release) => Attempt);

/** A check that answers what a test tells it. Without a script it is always well. */
export class MemoryCheck implements Check {
  readonly kind = 'memory';
  readonly name: string;
  readonly critical: boolean;
  /** What it was asked, oldest first. */
  readonly asked: Release[] = [];
  #next: Answer[] = [];
  #always: Answer;

  constructor(name = '/health', options: { critical?: boolean; always?: Answer } = {}) {
    this.name = name;
    this.critical = options.critical ?? true;
    this.#always = options.always ?? { ok: true, detail: '200 in 5 ms', latencyMs: 5 };
  }

  /** The answers of the next attempts; then the standing answer again. */
  script(...answers: Answer[]): this {
    this.#next.push(...answers);
    return this;
  }

  /** The standing answer from now on. */
  always(answer: Answer): this {
    this.#always = answer;
    return this;
  }

  async attempt(expected: Release, signal: AbortSignal): Promise<Attempt> {
    if (signal.aborted) return { ok: false, detail: 'no answer in time' };
    this.asked.push(expected);
    const answer = this.#next.shift() ?? this.#always;
    return typeof answer === 'function' ? answer(expected) : answer;
  }
}
