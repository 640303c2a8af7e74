/** Work under way, by key: whoever asks for the same meanwhile gets the same promise. Nothing is kept afterwards. */
export class InFlight {
  readonly #working = new Map<string, Promise<unknown>>();

  /** `key` stands for the type of the answer. */
  share<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#working.get(key) as Promise<T> | undefined;
    if (known) return known;
    const fresh = work().finally(() => {
      if (this.#working.get(key) === fresh) this.#working.delete(key);
    });
    this.#working.set(key, fresh);
    return fresh;
  }

  /** Whoever asks from now on begins anew. */
  forget(): void {
    this.#working.clear();
  }
}
