import type { Store } from './store.ts';

const toastTime = { error: 9000, info: 5000 };

export interface Toasts {
  /** Shown for some seconds; the same text only once at a time. */
  toast(kind: 'error' | 'info', text: string): void;
  dropToast(id: number): void;
}

export function createToasts({ state, set }: Store): Toasts {
  let lastId = 0;
  const dropToast = (id: number) => set({ toasts: state().toasts.filter((other) => other.id !== id) });
  return {
    toast(kind, text) {
      const again = state().toasts.find((other) => other.text === text);
      if (again !== undefined) return;
      lastId += 1;
      const id = lastId;
      set({ toasts: [...state().toasts, { id, kind, text }].slice(-4) });
      window.setTimeout(() => dropToast(id), toastTime[kind]);
    },
    dropToast,
  };
}
