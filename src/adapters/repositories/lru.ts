/** Keeps what was used last, up to a total weight; a value heavier than that is not kept. */
export class Lru<T, K extends string | number = string> {
  readonly #kept = new Map<K, { readonly value: T; readonly weight: number }>();
  readonly #limit: number;
  #weight = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): T | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, found);
    return found.value;
  }

  values(): readonly T[] {
    return [...this.#kept.values()].map(({ value }) => value);
  }

  has(key: K): boolean {
    return this.#kept.has(key);
  }

  set(key: K, value: T, weight = 1): void {
    this.delete(key);
    if (weight > this.#limit) return;
    this.#kept.set(key, { value, weight });
    this.#weight += weight;
    for (const [oldest] of this.#kept) {
      if (this.#weight <= this.#limit) break;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    this.#weight -= this.#kept.get(key)?.weight ?? 0;
    this.#kept.delete(key);
  }
}

/** Fetches once, also for those who ask meanwhile; a failure is not kept. */
export function fetchOnce<T>(
  kept: Lru<Promise<T>>,
  key: string,
  fetch: () => Promise<T>,
  weigh: (value: T) => number,
): Promise<T> {
  const known = kept.get(key);
  if (known) return known;
  const fresh = fetch();
  kept.set(key, fresh);
  fresh.then(
    (value) => kept.set(key, fresh, weigh(value)),
    () => kept.delete(key),
  );
  return fresh;
}
