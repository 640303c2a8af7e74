/** Allows `burst` at once and one more every `everyMs`; the last `reserve` only for what is important. */
export interface RateLimitSettings {
  readonly burst: number;
  readonly everyMs: number;
  readonly reserve: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Token buckets by key, with the time given from outside. */
export class RateLimit {
  readonly #settings: RateLimitSettings;
  readonly #buckets = new Map<string, Bucket>();

  constructor(settings: RateLimitSettings) {
    this.#settings = settings;
  }

  /** Takes a token: 0. None free: how many ms until one is, and nothing is taken. */
  take(key: string, now: number, important: boolean): number {
    const { burst, everyMs, reserve } = this.#settings;
    const bucket = this.#filled(key, now);
    const floor = important ? 0 : Math.min(reserve, burst - 1);
    if (bucket.tokens - floor >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 + floor - bucket.tokens) * everyMs));
  }

  #filled(key: string, now: number): Bucket {
    const { burst, everyMs } = this.#settings;
    const known = this.#buckets.get(key);
    if (!known) {
      if (this.#buckets.size > 1_000) this.#dropFull(now);
      const fresh = { tokens: burst, at: now };
      this.#buckets.set(key, fresh);
      return fresh;
    }
    known.tokens = Math.min(burst, known.tokens + Math.max(0, now - known.at) / everyMs);
    known.at = now;
    return known;
  }

  /** A full bucket is as good as none. */
  #dropFull(now: number): void {
    const { burst, everyMs } = this.#settings;
    for (const [key, bucket] of this.#buckets) {
      if (bucket.tokens + (now - bucket.at) / everyMs >= burst) this.#buckets.delete(key);
    }
  }
}
