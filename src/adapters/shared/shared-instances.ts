/**
 * What the adapters that are opened together share: one client of a host, one copy of a repository. Whoever starts
 * Slipway makes one, so that nothing outlives it.
 */
export class SharedInstances {
  readonly #opened = new Map<string, unknown>();

  /** Opens once for each kind and key; later calls get the same. `kind` stands for the type: no two may share one. */
  get<T>(kind: string, key: unknown, open: () => T): T {
    const name = JSON.stringify([kind, key]);
    if (!this.#opened.has(name)) this.#opened.set(name, open());
    return this.#opened.get(name) as T;
  }
}
