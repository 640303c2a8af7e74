import type { State } from '../state/state.ts';

/** The one state of the page, which views read. */
export interface Store {
  state(): State;
  set(next: Partial<State>): void;
  /** Returns the way to stop. */
  subscribe(listener: () => void): () => void;
}

export function createStore(initial: State): Store {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    state: () => state,
    set(next) {
      state = { ...state, ...next };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
