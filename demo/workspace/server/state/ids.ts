import { randomBytes } from 'node:crypto';

/** Ids and timestamps in Slack's form. Timestamps are unique and only grow, whatever the clock does. */
export class Ids {
  readonly #now: () => number;
  #last = 0;
  #count = 0;

  /** `now` in ms since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  now(): number {
    return this.#now();
  }

  /** Unix seconds. */
  seconds(): number {
    return Math.floor(this.#now() / 1000);
  }

  /** `1795392000.123456`: seconds and microseconds. */
  ts(): string {
    this.#last = Math.max(this.#last + 1, Math.round(this.#now() * 1000));
    return `${Math.floor(this.#last / 1_000_000)}.${String(this.#last % 1_000_000).padStart(6, '0')}`;
  }

  /** `V00001KX3`: the letter of the kind, a count, and something that cannot be guessed. */
  next(letter: string): string {
    this.#count += 1;
    return `${letter}${String(this.#count).padStart(5, '0')}${this.secret(2).toUpperCase()}`;
  }

  /** A block_id or action_id like the ones Slack makes up: five characters. */
  short(): string {
    return randomBytes(4).toString('base64url').slice(0, 5).replaceAll('-', 'a').replaceAll('_', 'b');
  }

  /** Hex digits, two for each byte. */
  secret(bytes: number): string {
    return randomBytes(bytes).toString('hex');
  }
}
