import type { Change } from './model.ts';

type Listener = (change: Change) => void;

/** The one stream of everything that happens, in order, delivered at once. */
export class Changes {
  readonly #listeners = new Set<Listener>();

  /** Returns the way to stop. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
